#include "ssnas/datasets/synthetic/synthetic.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "ssnas/datasets/synthetic/synthetic.pb.h"

namespace ssnas {
namespace {

SyntheticConfig Config(int size, int train, int test) {
  SyntheticConfig config;
  config.set_size(size);
  config.set_train_images(train);
  config.set_test_images(test);
  return config;
}

std::vector<uint8_t> Pixels(const ImageSet& images, int64_t index) {
  const ImageView image = images.Get(index);
  return {image.pixels, image.pixels + image.height * image.width * image.channels};
}

std::unique_ptr<ImageSet> Make(const SyntheticConfig& config, uint64_t seed, Split split) {
  return (*Synthetic::Create(config))->Images({.data_dir = "", .seed = seed}, split).value();
}

TEST(SyntheticTest, AnImageDependsOnSeedSplitAndIndexAlone) {
  const SyntheticConfig config = Config(12, 30, 20);
  const auto images = Make(config, 1, Split::kTrain);
  EXPECT_EQ(images->size(), 30);
  EXPECT_EQ(images->Get(0).height, 12);
  EXPECT_EQ(images->Get(29).channels, 3);
  EXPECT_EQ(Pixels(*images, 7), Pixels(*Make(Config(12, 8, 1), 1, Split::kTrain), 7));
  EXPECT_NE(Pixels(*images, 7), Pixels(*Make(config, 2, Split::kTrain), 7));
  EXPECT_NE(Pixels(*images, 7), Pixels(*Make(config, 1, Split::kTest), 7));
  EXPECT_NE(Pixels(*images, 7), Pixels(*images, 17)) << "of one class";
  EXPECT_EQ(Make(config, 1, Split::kTest)->size(), 20);
}

TEST(SyntheticTest, ClassesAreEquallyMany) {
  SyntheticConfig config = Config(8, 30, 7);
  config.set_classes(3);
  const auto dataset = Synthetic::Create(config).value();
  const std::vector<int32_t> labels = dataset->Labels({}, Split::kTrain).value();
  ASSERT_EQ(labels.size(), 30u);
  std::vector<int> counts(3);
  for (const int32_t label : labels) ++counts.at(label);
  EXPECT_EQ(counts, (std::vector<int>{10, 10, 10}));
  EXPECT_EQ(dataset->Labels({}, Split::kTest).value().size(), 7u);
  EXPECT_EQ(dataset->Info().num_classes, 3);
}

// Bytes of both halves of the range everywhere: no image is flat.
TEST(SyntheticTest, EveryImageShowsSomething) {
  const auto images = Make(Config(16, 100, 1), 3, Split::kTrain);
  for (int64_t i = 0; i < images->size(); ++i) {
    int low = 255, high = 0;
    for (const uint8_t byte : Pixels(*images, i)) {
      low = std::min<int>(low, byte);
      high = std::max<int>(high, byte);
    }
    EXPECT_GT(high - low, 80) << i;
  }
}

// The nearest mean image of 1,000 names the class of few of 500 others: shapes must be learnt.
TEST(SyntheticTest, MeanImagesDoNotGiveTheClassAway) {
  constexpr int kBytes = 16 * 16 * 3;
  const SyntheticConfig config = Config(16, 1000, 500);
  const auto train = Make(config, 1, Split::kTrain), test = Make(config, 1, Split::kTest);
  std::vector<std::vector<double>> means(10, std::vector<double>(kBytes));
  for (int64_t i = 0; i < train->size(); ++i) {
    for (int j = 0; j < kBytes; ++j) means[i % 10][j] += train->Get(i).pixels[j] / 100.0;
  }
  int right = 0;
  for (int64_t i = 0; i < test->size(); ++i) {
    int64_t best = 0;
    double best_distance = 1e300;
    for (int64_t label = 0; label < 10; ++label) {
      double distance = 0;
      for (int j = 0; j < kBytes; ++j) {
        const double difference = test->Get(i).pixels[j] - means[label][j];
        distance += difference * difference;
      }
      if (distance < best_distance) best = label, best_distance = distance;
    }
    right += best == i % 10;
  }
  EXPECT_LT(right, 125) << "of 500; 50 by chance";
}

}  // namespace
}  // namespace ssnas
