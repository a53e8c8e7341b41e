#include "ssnas/datasets/augmentations/grayscale/grayscale.h"

#include <gtest/gtest.h>

#include "ssnas/core/testing/compare.h"
#include "ssnas/datasets/augmentations/grayscale/grayscale.pb.h"
#include "ssnas/datasets/augmentations/testing/image_checks.h"

namespace ssnas {
namespace {

// Two pixels of PatternImage(2, 2, 3) by hand: 0.2989 r + 0.587 g + 0.114 b.
TEST(GrayscaleTest, WeighsTheChannels) {
  GrayscaleConfig config;
  config.set_probability(1);
  FloatImage image{
      .height = 1, .width = 2, .channels = 3, .pixels = {0, 0.5f, 1, 0.3f, 0.8f, 0.2f}};
  Philox random = TestStream(0);
  Grayscale::Create(config).value()->Apply(random, image);
  EXPECT_EQ(ComparePixels(image, 1, 2, 3, {0.4075, 0.4075, 0.4075, 0.58207, 0.58207, 0.58207},
                          ErrorBound(4, 1, kFloatEpsilon)),
            absl::OkStatus());
}

TEST(GrayscaleTest, LeavesTheImageOtherwise) {
  GrayscaleConfig config;
  config.set_probability(0);
  FloatImage image = PatternImage(3, 2, 3);
  Philox random = TestStream(0);
  Grayscale::Create(config).value()->Apply(random, image);
  EXPECT_EQ(image.pixels, PatternImage(3, 2, 3).pixels);
}

TEST(GrayscaleTest, IsRareByDefault) { EXPECT_EQ(GrayscaleConfig().probability(), 0.2); }

}  // namespace
}  // namespace ssnas
