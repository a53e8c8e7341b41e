#include "ssnas/datasets/augmentations/resample.h"

#include <vector>

#include <gtest/gtest.h>

#include "ssnas/core/testing/compare.h"
#include "ssnas/datasets/augmentations/testing/image_checks.h"

namespace ssnas {
namespace {

// The values are Pillow 13's BICUBIC on images of floats, a channel, clipped to [0, 1] by NumPy;
// torch's interpolate with antialias agrees. Two passes of `taps` weights whose magnitudes sum to
// at most 1.25.
double Bound(int taps) { return ErrorBound(2 * taps + 2, 1.25 * 1.25, kFloatEpsilon); }

TEST(CropAndResizeTest, Shrinks) {
  FloatImage image = PatternImage(5, 4, 1);
  CropAndResize({.top = 0, .left = 0, .height = 5, .width = 4}, 2, 2, image);
  EXPECT_EQ(
      ComparePixels(image, 2, 2, 1, {0.327539176, 0.57688731, 0.55970782, 0.45904088}, Bound(11)),
      absl::OkStatus());
  image = PatternImage(7, 6, 1);
  CropAndResize({.top = 0, .left = 0, .height = 7, .width = 6}, 3, 2, image);
  EXPECT_EQ(
      ComparePixels(image, 3, 2, 1,
                    {0.395755529, 0.434810042, 0.506578922, 0.414687365, 0.617402375, 0.461242586},
                    Bound(13)),
      absl::OkStatus());
}

TEST(CropAndResizeTest, EnlargesAndClips) {
  FloatImage image = PatternImage(2, 3, 3);
  CropAndResize({.top = 0, .left = 0, .height = 2, .width = 3}, 3, 4, image);
  EXPECT_EQ(
      ComparePixels(image, 3, 4, 3,
                    {0,           0.510987818,  1,           0.162621245, 0.771884739, 0.449768603,
                     0.454918563, 0.512259424,  0.222231805, 0.628485918, 0,           0.532266319,
                     0.360447735, 0.281716406,  0.810447812, 0.200093538, 0.533395708, 0.688681006,
                     0.266604304, 0.599906445,  0.511318982, 0.518283606, 0.439552248, 0.389552265,
                     0.786056519, 0.0524450094, 0.54866457,  0.237565845, 0.294906706, 0.92759347,
                     0.07829009,  0.687553525,  0.800406218, 0.408081293, 0.984230161, 0.246838197},
                    Bound(5)),
      absl::OkStatus());
}

// Pixels around the box play no part.
TEST(CropAndResizeTest, CropsFirst) {
  FloatImage image = PatternImage(5, 4, 1);
  CropAndResize({.top = 1, .left = 1, .height = 3, .width = 3}, 4, 4, image);
  EXPECT_EQ(ComparePixels(image, 4, 4, 1,
                          {0, 0.213954315, 0.589524984, 0.825846553, 0.534662783, 0.343966067,
                           0.44235304, 0.768143594, 0.777211964, 0.309331506, 0.270092875,
                           0.684095204, 0.51017487, 0.131763548, 0.180736646, 0.626392305},
                          Bound(5)),
            absl::OkStatus());
}

TEST(CropAndResizeTest, ChangesNothingAtItsOwnSize) {
  FloatImage image = PatternImage(6, 5, 3);
  CropAndResize({.top = 0, .left = 0, .height = 6, .width = 5}, 6, 5, image);
  EXPECT_EQ(image.pixels, PatternImage(6, 5, 3).pixels);
}

TEST(CropAndResizeTest, OnePixelFillsTheImage) {
  FloatImage image = PatternImage(3, 3, 3);
  const FloatImage pattern = image;
  CropAndResize({.top = 1, .left = 2, .height = 1, .width = 1}, 2, 5, image);
  ASSERT_EQ(image.pixels.size(), 30u);
  for (int i = 0; i < 30; ++i) EXPECT_EQ(image.pixels[i], pattern.at(1, 2, i % 3));
}

}  // namespace
}  // namespace ssnas
