#include "ssnas/datasets/augmentations/cutout/cutout.h"

#include <set>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "ssnas/datasets/augmentations/cutout/cutout.pb.h"
#include "ssnas/datasets/augmentations/testing/image_checks.h"

namespace ssnas {
namespace {

FloatImage Ones(int height, int width) {
  return {.height = height,
          .width = width,
          .channels = 1,
          .pixels = std::vector<float>(static_cast<size_t>(height) * width, 1.0f)};
}

// By hand: an even square begins length / 2 before its pixel, an odd one has it in the middle.
TEST(CutoutTest, SetsASquareToZero) {
  FloatImage image = Ones(4, 5);
  CutOut(2, 2, 2, image);
  EXPECT_EQ(image.pixels, (std::vector<float>{1, 1, 1, 1, 1,  //
                                              1, 0, 0, 1, 1,  //
                                              1, 0, 0, 1, 1,  //
                                              1, 1, 1, 1, 1}));
  image = Ones(4, 5);
  CutOut(0, 4, 3, image);
  EXPECT_EQ(image.pixels, (std::vector<float>{1, 1, 1, 0, 0,  //
                                              1, 1, 1, 0, 0,  //
                                              1, 1, 1, 1, 1,  //
                                              1, 1, 1, 1, 1}));
  CutOut(1, 1, 4096, image);
  EXPECT_EQ(image.pixels, std::vector<float>(20, 0.0f));
}

TEST(CutoutTest, ReachesEveryPixel) {
  CutoutConfig config;
  config.set_length(1);
  const auto cutout = Cutout::Create(config).value();
  std::set<std::pair<int, int>> places;
  for (int i = 0; i < 400; ++i) {
    Philox random = TestStream(i);
    FloatImage image = Ones(3, 4);
    cutout->Apply(random, image);
    for (int y = 0; y < 3; ++y) {
      for (int x = 0; x < 4; ++x) {
        if (image.at(y, x, 0) == 0) places.insert({y, x});
      }
    }
  }
  EXPECT_EQ(places.size(), 12u);
}

TEST(CutoutTest, HasSixteenPixelsByDefault) { EXPECT_EQ(CutoutConfig().length(), 16); }

}  // namespace
}  // namespace ssnas
