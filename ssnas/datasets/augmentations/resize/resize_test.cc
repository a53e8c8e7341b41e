#include "ssnas/datasets/augmentations/resize/resize.h"

#include <gtest/gtest.h>

#include "ssnas/core/testing/compare.h"
#include "ssnas/datasets/augmentations/resize/resize.pb.h"
#include "ssnas/datasets/augmentations/testing/image_checks.h"

namespace ssnas {
namespace {

// Pillow 13's BICUBIC on images of floats, a channel.
TEST(ResizeTest, IsPillowsBicubic) {
  ResizeConfig config;
  config.set_size(2);
  const auto resize = Resize::Create(config).value();
  FloatImage image = PatternImage(4, 3, 3);
  Philox random = TestStream(0);
  resize->Apply(random, image);
  EXPECT_EQ(ComparePixels(image, 2, 2, 3,
                          {0.272362471, 0.439792782, 0.698796153, 0.384735286, 0.523929834,
                           0.434691519, 0.665679276, 0.553553164, 0.570253909, 0.277222991,
                           0.632556379, 0.558275104},
                          // Two passes of at most 9 taps whose magnitudes sum to at most 1.25.
                          ErrorBound(2 * 9 + 2, 1.25 * 1.25, kFloatEpsilon)),
            absl::OkStatus());
  EXPECT_EQ(resize->OutputSize(), 2);
}

}  // namespace
}  // namespace ssnas
