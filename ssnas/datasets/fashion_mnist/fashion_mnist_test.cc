#include "ssnas/datasets/fashion_mnist/fashion_mnist.h"

#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "ssnas/core/file.h"
#include "ssnas/datasets/fashion_mnist/fashion_mnist.pb.h"

namespace ssnas {
namespace {

std::string BigEndian(uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16),
          static_cast<char>(value >> 8), static_cast<char>(value)};
}

// `count` images; all pixels of image i are i + 1.
std::string ImageFile(uint32_t count) {
  std::string bytes = BigEndian(0x803) + BigEndian(count) + BigEndian(28) + BigEndian(28);
  for (uint32_t i = 0; i < count; ++i) bytes += std::string(28 * 28, static_cast<char>(i + 1));
  return bytes;
}

std::string LabelFile(const std::string& labels) {
  return BigEndian(0x801) + BigEndian(static_cast<uint32_t>(labels.size())) + labels;
}

class FashionMnistTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string test = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    folder_ = JoinPath(testing::TempDir(), test);
    ASSERT_TRUE(RemoveTree(folder_).ok());
    ASSERT_TRUE(MakeFolders(folder_).ok());
    FashionMnistConfig config;
    config.set_train_images(3);
    config.set_test_images(2);
    dataset_ = FashionMnist::Create(config).value();
  }

  void Write(const std::string& name, const std::string& bytes) {
    ASSERT_TRUE(WriteFileSynced(JoinPath(folder_, name), bytes).ok());
  }
  DatasetContext Context() const { return {.data_dir = folder_, .seed = 0}; }

  std::string folder_;
  std::unique_ptr<Dataset> dataset_;
};

TEST_F(FashionMnistTest, OpensNoFileButTheOneAskedFor) {
  Write("train-images-idx3-ubyte", ImageFile(3));
  const auto images = dataset_->Images(Context(), Split::kTrain);
  ASSERT_TRUE(images.ok()) << images.status();
  ASSERT_EQ((*images)->size(), 3);
  const ImageView image = (*images)->Get(2);
  EXPECT_EQ(image.height, 28);
  EXPECT_EQ(image.width, 28);
  EXPECT_EQ(image.channels, 1);
  EXPECT_EQ(image.pixels[0], 3);
  EXPECT_EQ(image.pixels[783], 3);
  EXPECT_EQ(dataset_->Images(Context(), Split::kTest).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(dataset_->Labels(Context(), Split::kTrain).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(FashionMnistTest, ReadsTestLabels) {
  Write("t10k-labels-idx1-ubyte", LabelFile({9, 0}));
  EXPECT_EQ(dataset_->Labels(Context(), Split::kTest).value(), (std::vector<int32_t>{9, 0}));
}

TEST_F(FashionMnistTest, SaysWhatIsMissing) {
  EXPECT_EQ(dataset_->Images(Context(), Split::kTrain).status().message(),
            "fashion_mnist: train-images-idx3-ubyte.gz not found in " + folder_ +
                ". Put the four IDX files there, gzipped or not (train-images-idx3-ubyte, "
                "train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte), or "
                "leave out --data_dir: the build brings them along");
}

TEST_F(FashionMnistTest, NamesDamagedFiles) {
  const std::string whole = ImageFile(3), path = JoinPath(folder_, "train-images-idx3-ubyte");
  for (const size_t size : {size_t{0}, size_t{3}, size_t{15}, size_t{16}, size_t{1000},
                            whole.size() - 1}) {
    Write("train-images-idx3-ubyte", whole.substr(0, size));
    const absl::Status status = dataset_->Images(Context(), Split::kTrain).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << size;
    EXPECT_EQ(status.message().find("fashion_mnist: " + path + " "), 0u) << status;
  }
  Write("train-images-idx3-ubyte", ImageFile(4));
  EXPECT_EQ(dataset_->Images(Context(), Split::kTrain).status().message(),
            "fashion_mnist: " + path +
                " is of 4×28×28; expected 3×28×28. Get the file again, or leave out --data_dir");
}

TEST_F(FashionMnistTest, RefusesLabelsPastNine) {
  Write("train-labels-idx1-ubyte", LabelFile({1, 10, 2}));
  const absl::Status status = dataset_->Labels(Context(), Split::kTrain).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(status.message(),
            "fashion_mnist: train-labels-idx1-ubyte: image 1 has label 10; expected 0 to 9. Get "
            "the file again");
}

// Published facts of the real files: 6,000 and 1,000 images a class, mean 0.2860 and deviation 0.3530 of the
// training images, and the first labels.
TEST(RealFashionMnistTest, IsThePublishedOne) {
  const auto dataset = FashionMnist::Create(FashionMnistConfig()).value();
  for (const Split split : {Split::kTrain, Split::kTest}) {
    const auto labels = dataset->Labels({}, split);
    ASSERT_TRUE(labels.ok()) << labels.status();
    std::vector<int> counts(10);
    for (const int32_t label : *labels) ++counts[label];
    EXPECT_EQ(counts, std::vector<int>(10, split == Split::kTrain ? 6000 : 1000));
    const std::vector<int32_t> first(labels->begin(), labels->begin() + 5);
    EXPECT_EQ(first, split == Split::kTrain ? (std::vector<int32_t>{9, 0, 0, 3, 0})
                                            : (std::vector<int32_t>{9, 2, 1, 1, 6}));
  }
  const auto images = dataset->Images({}, Split::kTrain);
  ASSERT_TRUE(images.ok()) << images.status();
  ASSERT_EQ((*images)->size(), 60000);
  double sum = 0, squares = 0;
  for (int64_t i = 0; i < 60000; ++i) {
    const uint8_t* const pixels = (*images)->Get(i).pixels;
    for (int j = 0; j < 784; ++j) {
      sum += pixels[j];
      squares += static_cast<double>(pixels[j]) * pixels[j];
    }
  }
  const double count = 60000.0 * 784, mean = sum / count / 255;
  const double deviation = std::sqrt(squares / count / (255.0 * 255) - mean * mean);
  EXPECT_NEAR(mean, 0.2860, 5e-5);       // tolerance: published to four digits
  EXPECT_NEAR(deviation, 0.3530, 5e-5);  // tolerance: published to four digits
}

}  // namespace
}  // namespace ssnas
