#include "ssnas/datasets/augmentations/pad_crop/pad_crop.h"

#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "ssnas/datasets/augmentations/pad_crop/pad_crop.pb.h"
#include "ssnas/datasets/augmentations/testing/image_checks.h"

namespace ssnas {
namespace {

// By hand: y[i, j] = x[i + dy, j + dx].
TEST(PadCropTest, ShiftsZerosIn) {
  const FloatImage original{.height = 2, .width = 3, .channels = 1, .pixels = {1, 2, 3, 4, 5, 6}};
  FloatImage image = original;
  Shift(1, -1, image);
  EXPECT_EQ(image.pixels, (std::vector<float>{0, 4, 5, 0, 0, 0}));
  image = original;
  Shift(-1, 2, image);
  EXPECT_EQ(image.pixels, (std::vector<float>{0, 0, 0, 3, 0, 0}));
  image = original;
  Shift(0, 0, image);
  EXPECT_EQ(image.pixels, original.pixels);
  Shift(0, 3, image);
  EXPECT_EQ(image.pixels, std::vector<float>(6, 0.0f));
}

TEST(PadCropTest, ReachesEveryPlace) {
  PadCropConfig config;
  config.set_padding(1);
  const auto crop = PadCrop::Create(config).value();
  std::set<std::vector<float>> seen;
  for (int i = 0; i < 300; ++i) {
    Philox random = TestStream(i);
    FloatImage image = PatternImage(3, 3, 3);
    crop->Apply(random, image);
    seen.insert(image.pixels);
  }
  EXPECT_EQ(seen.size(), 9u);
}

TEST(PadCropTest, PadsFourPixelsByDefault) { EXPECT_EQ(PadCropConfig().padding(), 4); }

}  // namespace
}  // namespace ssnas
