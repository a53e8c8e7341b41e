#include "ssnas/datasets/cifar10/cifar10.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ssnas/core/file.h"
#include "ssnas/datasets/cifar10/cifar10.pb.h"
#include "ssnas/datasets/testing/planar_image.h"

namespace ssnas {
namespace {

constexpr int kImages = 3;
constexpr int kRecord = 3073;

// Plane c of image i of the file is 10·c + i + `base` and its first pixel one more.
std::string File(int base) {
  std::string bytes;
  for (int i = 0; i < kImages; ++i) {
    bytes.push_back(static_cast<char>((base + i) % 10));
    bytes += PlanarImage(32, base + i);
  }
  return bytes;
}

class Cifar10Test : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string test = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    folder_ = JoinPath(testing::TempDir(), test);
    ASSERT_TRUE(RemoveTree(folder_).ok());
    Cifar10Config config;
    config.set_images_per_file(kImages);
    dataset_ = Cifar10::Create(config).value();
  }

  void Write(const std::string& folder, const std::string& name, const std::string& bytes) {
    ASSERT_TRUE(MakeFolders(folder).ok());
    ASSERT_TRUE(WriteFileSynced(JoinPath(folder, name), bytes).ok());
  }

  void WriteTrain(const std::string& folder) {
    for (int i = 1; i <= 5; ++i) {
      Write(folder, "data_batch_" + std::to_string(i) + ".bin", File(40 * (i - 1)));
    }
  }

  DatasetContext Context() const { return {.data_dir = folder_, .seed = 0}; }

  std::string folder_;
  std::unique_ptr<Dataset> dataset_;
};

TEST_F(Cifar10Test, ReadsPlanesAndLabelsWithoutATestFile) {
  WriteTrain(folder_);
  const auto images = dataset_->Images(Context(), Split::kTrain);
  ASSERT_TRUE(images.ok()) << images.status();
  ASSERT_EQ((*images)->size(), 15);
  const ImageView image = (*images)->Get(4);  // the second of data_batch_2.bin
  EXPECT_EQ(image.height, 32);
  EXPECT_EQ(image.width, 32);
  ASSERT_EQ(image.channels, 3);
  EXPECT_EQ(std::vector<uint8_t>(image.pixels, image.pixels + 6),
            (std::vector<uint8_t>{42, 52, 62, 41, 51, 61}));
  EXPECT_EQ(image.pixels[3071], 61);
  EXPECT_EQ(dataset_->Labels(Context(), Split::kTrain).value(),
            (std::vector<int32_t>{0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2}));
  EXPECT_EQ(dataset_->Images(Context(), Split::kTest).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(Cifar10Test, ReadsTheArchivesOwnFolderAndATestFileAlone) {
  Write(JoinPath(folder_, "cifar-10-batches-bin"), "test_batch.bin", File(7));
  ASSERT_TRUE(dataset_->Images(Context(), Split::kTest).ok());
  EXPECT_EQ(dataset_->Labels(Context(), Split::kTest).value(), (std::vector<int32_t>{7, 8, 9}));
}

TEST_F(Cifar10Test, SaysWhatIsMissingAndWhereToGetIt) {
  WriteTrain(folder_);
  ASSERT_TRUE(RemoveTree(JoinPath(folder_, "data_batch_3.bin")).ok());
  const absl::Status status = dataset_->Images(Context(), Split::kTrain).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(),
            "cifar10: data_batch_3.bin not found in " + folder_ +
                ". Expected the six files of the binary version, from cifar-10-binary.tar.gz (162 "
                "MB, md5 c32a1d4ab5d03f1284b67883e8d87530). Get them with\n    ./bazelw run "
                "//tools:fetch_data -- cifar10 --to=DIR\n"
                "and give the folder that has them with --data_dir");
  EXPECT_EQ(dataset_->Images({}, Split::kTrain)
                .status()
                .message()
                .find("cifar10: data_batch_1.bin not found. Expected"),
            0u);
}

TEST_F(Cifar10Test, RefusesFilesOfAnotherSize) {
  WriteTrain(folder_);
  const std::string whole = File(0);
  for (const size_t size : {0, 1, 1024, kRecord, 2 * kRecord, 3 * kRecord - 1}) {
    Write(folder_, "data_batch_2.bin", whole.substr(0, size));
    for (const absl::Status& status : {dataset_->Images(Context(), Split::kTrain).status(),
                                       dataset_->Labels(Context(), Split::kTrain).status()}) {
      EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
      EXPECT_EQ(status.message(), "cifar10: " + JoinPath(folder_, "data_batch_2.bin") + " has " +
                                      std::to_string(size) +
                                      " bytes; expected 9219 (3 images). Unpack "
                                      "cifar-10-binary.tar.gz (162 MB, md5 "
                                      "c32a1d4ab5d03f1284b67883e8d87530) again");
    }
  }
  Write(folder_, "data_batch_2.bin", whole + "x");
  const absl::Status status = dataset_->Images(Context(), Split::kTrain).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_NE(status.message().find(" has more than 9219 bytes; expected 9219"), std::string::npos)
      << status;
}

TEST_F(Cifar10Test, RefusesLabelsPastNine) {
  WriteTrain(folder_);
  for (const int label : {10, 128, 255}) {
    std::string bytes = File(0);
    bytes[2 * kRecord] = static_cast<char>(label);
    Write(folder_, "data_batch_5.bin", bytes);
    const absl::Status status = dataset_->Labels(Context(), Split::kTrain).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
    EXPECT_NE(status.message().find("data_batch_5.bin: image 2 has label " + std::to_string(label) +
                                    "; expected 0 to 9"),
              std::string::npos)
        << status;
  }
}

TEST_F(Cifar10Test, AFolderIsNoFile) {
  ASSERT_TRUE(MakeFolders(JoinPath(folder_, "test_batch.bin")).ok());
  EXPECT_FALSE(dataset_->Images(Context(), Split::kTest).ok());
}

// 50,000 and 10,000 images; six files of 30,730,000 bytes.
TEST(Cifar10SizeTest, IsTheRealOneByDefault) {
  const auto dataset = Cifar10::Create(Cifar10Config()).value();
  EXPECT_EQ(dataset->Info().train_size, 50000);
  EXPECT_EQ(dataset->Info().test_size, 10000);
  EXPECT_EQ(int64_t{10000} * kRecord, 30730000);
}

}  // namespace
}  // namespace ssnas
