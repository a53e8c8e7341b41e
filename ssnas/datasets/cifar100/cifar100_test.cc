#include "ssnas/datasets/cifar100/cifar100.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ssnas/core/file.h"
#include "ssnas/datasets/cifar100/cifar100.pb.h"
#include "ssnas/datasets/testing/planar_image.h"

namespace ssnas {
namespace {

constexpr int kRecord = 3074;
constexpr char kArchive[] =
    "cifar-100-binary.tar.gz (161 MB, md5 03b5dce01913d631647c71ecec9e9cb8)";

struct TwoLabels {
  int coarse, fine;
};

// Plane c of image i is 10·c + i and its first pixel one more.
std::string File(const std::vector<TwoLabels>& labels) {
  std::string bytes;
  for (size_t i = 0; i < labels.size(); ++i) {
    bytes.push_back(static_cast<char>(labels[i].coarse));
    bytes.push_back(static_cast<char>(labels[i].fine));
    bytes += PlanarImage(32, static_cast<int>(i));
  }
  return bytes;
}

class Cifar100Test : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string test = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    folder_ = JoinPath(testing::TempDir(), test);
    ASSERT_TRUE(RemoveTree(folder_).ok());
  }

  static std::unique_ptr<Dataset> Make(Cifar100Config::Labels labels) {
    Cifar100Config config;
    config.set_labels(labels);
    config.set_train_images(3);
    config.set_test_images(2);
    return Cifar100::Create(config).value();
  }

  void Write(const std::string& folder, const std::string& name, const std::string& bytes) {
    ASSERT_TRUE(MakeFolders(folder).ok());
    ASSERT_TRUE(WriteFileSynced(JoinPath(folder, name), bytes).ok());
  }

  absl::Status LabelError(Cifar100Config::Labels labels) const {
    return Make(labels)->Labels(Context(), Split::kTrain).status();
  }

  DatasetContext Context() const { return {.data_dir = folder_}; }

  const std::string train_ = File({{19, 99}, {0, 7}, {4, 0}});
  std::string folder_;
  const std::unique_ptr<Dataset> dataset_ = Make(Cifar100Config::FINE);
};

TEST_F(Cifar100Test, ReadsPlanesBehindBothLabels) {
  Write(folder_, "train.bin", train_);
  const auto images = dataset_->Images(Context(), Split::kTrain);
  ASSERT_TRUE(images.ok()) << images.status();
  ASSERT_EQ((*images)->size(), 3);
  const ImageView image = (*images)->Get(2);
  EXPECT_EQ(image.height, 32);
  EXPECT_EQ(image.width, 32);
  ASSERT_EQ(image.channels, 3);
  EXPECT_EQ(std::vector<uint8_t>(image.pixels, image.pixels + 6),
            (std::vector<uint8_t>{3, 13, 23, 2, 12, 22}));
  EXPECT_EQ(image.pixels[3071], 22);
}

TEST_F(Cifar100Test, GivesFineOrCoarseLabels) {
  Write(folder_, "train.bin", train_);
  EXPECT_EQ(dataset_->Labels(Context(), Split::kTrain).value(), (std::vector<int32_t>{99, 7, 0}));
  const auto coarse = Make(Cifar100Config::COARSE);
  EXPECT_EQ(coarse->Labels(Context(), Split::kTrain).value(), (std::vector<int32_t>{19, 0, 4}));
  EXPECT_EQ(dataset_->Info().num_classes, 100);
  EXPECT_EQ(coarse->Info().num_classes, 20);
}

TEST_F(Cifar100Test, ReadsTheArchivesOwnFolderAndEachFileAlone) {
  Write(JoinPath(folder_, "cifar-100-binary"), "test.bin", File({{1, 2}, {3, 4}}));
  ASSERT_TRUE(dataset_->Images(Context(), Split::kTest).ok());
  EXPECT_EQ(dataset_->Labels(Context(), Split::kTest).value(), (std::vector<int32_t>{2, 4}));
  EXPECT_EQ(dataset_->Images(Context(), Split::kTrain).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(Cifar100Test, SaysWhatIsMissingAndWhereToGetIt) {
  Write(folder_, "test.bin", File({{1, 2}, {3, 4}}));
  for (const absl::Status& status : {dataset_->Images(Context(), Split::kTrain).status(),
                                     dataset_->Labels(Context(), Split::kTrain).status()}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
    EXPECT_EQ(status.message(),
              "cifar100: train.bin not found in " + folder_ +
                  ". Expected train.bin and test.bin of the binary version, from " + kArchive +
                  ". Get them with\n    ./bazelw run //tools:fetch_data -- cifar100 --to=DIR\n"
                  "and give the folder that has them with --data_dir");
  }
}

TEST_F(Cifar100Test, RefusesFilesOfAnotherSize) {
  for (const size_t size : {0, 1, kRecord, 3 * 3073, 3 * kRecord - 1}) {
    Write(folder_, "train.bin", train_.substr(0, size));
    for (const absl::Status& status : {dataset_->Images(Context(), Split::kTrain).status(),
                                       dataset_->Labels(Context(), Split::kTrain).status()}) {
      EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
      EXPECT_EQ(status.message(),
                "cifar100: " + JoinPath(folder_, "train.bin") + " has " + std::to_string(size) +
                    " bytes; expected 9222 (3 images). Unpack " + kArchive + " again");
    }
  }
  Write(folder_, "train.bin", train_ + "x");
  const absl::Status status = dataset_->Images(Context(), Split::kTrain).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_NE(status.message().find(" has more than 9222 bytes; expected 9222"), std::string::npos)
      << status;
}

TEST_F(Cifar100Test, RefusesLabelsPastTheLastClass) {
  Write(folder_, "train.bin", File({{0, 0}, {0, 100}, {0, 0}}));
  EXPECT_TRUE(LabelError(Cifar100Config::COARSE).ok());
  EXPECT_EQ(LabelError(Cifar100Config::FINE),
            absl::DataLossError("cifar100: " + JoinPath(folder_, "train.bin") +
                                ": image 1 has label 100; expected 0 to 99. Unpack " + kArchive +
                                " again"));
  Write(folder_, "train.bin", File({{0, 0}, {0, 0}, {20, 0}}));
  EXPECT_TRUE(LabelError(Cifar100Config::FINE).ok());
  EXPECT_EQ(LabelError(Cifar100Config::COARSE),
            absl::DataLossError("cifar100: " + JoinPath(folder_, "train.bin") +
                                ": image 2 has label 20; expected 0 to 19. Unpack " + kArchive +
                                " again"));
}

// Files of 153,700,000 and 30,740,000 bytes.
TEST(Cifar100SizeTest, IsTheRealOneByDefault) {
  const auto dataset = Cifar100::Create(Cifar100Config()).value();
  EXPECT_EQ(dataset->Info().train_size, 50000);
  EXPECT_EQ(dataset->Info().test_size, 10000);
  EXPECT_EQ(int64_t{50000} * kRecord, 153700000);
}

}  // namespace
}  // namespace ssnas
