#include "ssnas/datasets/augmentations/flip/flip.h"

#include <cmath>
#include <cstdlib>

#include <gtest/gtest.h>

#include "ssnas/datasets/augmentations/flip/flip.pb.h"
#include "ssnas/datasets/augmentations/testing/image_checks.h"

namespace ssnas {
namespace {

TEST(FlipTest, ExchangesLeftAndRight) {
  FloatImage image{.height = 2, .width = 3, .channels = 1, .pixels = {1, 2, 3, 4, 5, 6}};
  FlipHorizontally(image);
  EXPECT_EQ(ComparePixels(image, 2, 3, 1, {3, 2, 1, 6, 5, 4}, 0), absl::OkStatus());
  FloatImage color{.height = 1, .width = 2, .channels = 3, .pixels = {1, 2, 3, 4, 5, 6}};
  FlipHorizontally(color);
  EXPECT_EQ(ComparePixels(color, 1, 2, 3, {4, 5, 6, 1, 2, 3}, 0), absl::OkStatus());
}

TEST(FlipTest, KeepsToItsProbability) {
  FlipConfig config;
  for (const double probability : {0.0, 0.25, 1.0}) {
    config.set_probability(probability);
    const auto flip = Flip::Create(config).value();
    int flipped = 0;
    for (int i = 0; i < 4000; ++i) {
      Philox random = TestStream(i);
      FloatImage image{.height = 1, .width = 2, .channels = 1, .pixels = {0, 1}};
      flip->Apply(random, image);
      flipped += image.pixels[0] == 1;
    }
    // The streams are fixed; six standard deviations of a binomial of 4,000.
    EXPECT_LE(std::abs(flipped - 4000 * probability),
              6 * std::sqrt(4000 * probability * (1 - probability)));
  }
}

}  // namespace
}  // namespace ssnas
