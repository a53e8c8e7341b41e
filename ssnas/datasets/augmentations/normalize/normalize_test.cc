#include "ssnas/datasets/augmentations/normalize/normalize.h"

#include <gtest/gtest.h>

#include "ssnas/core/testing/compare.h"
#include "ssnas/datasets/augmentations/normalize/normalize.pb.h"
#include "ssnas/datasets/augmentations/testing/image_checks.h"

namespace ssnas {
namespace {

NormalizeConfig Config(int means, int stds) {
  NormalizeConfig config;
  for (int i = 0; i < means; ++i) config.add_mean(0.25 * (i + 1));
  for (int i = 0; i < stds; ++i) config.add_std(0.5 / (i + 1));
  return config;
}

TEST(NormalizeTest, TakesMeanAndDeviationOutOfEachChannel) {
  FloatImage image{.height = 1, .width = 2, .channels = 3, .pixels = {0, 0, 0, 1, 0.5f, 0.25f}};
  Philox random = TestStream(0);
  Normalize::Create(Config(3, 3)).value()->Apply(random, image);
  // (x − 0.25)·2, (x − 0.5)·4, (x − 0.75)·6.
  EXPECT_EQ(
      ComparePixels(image, 1, 2, 3, {-0.5, -2, -4.5, 1.5, 0, -3}, ErrorBound(3, 10, kFloatEpsilon)),
      absl::OkStatus());
}

TEST(NormalizeTest, WantsThreeOfEach) {
  EXPECT_EQ(Normalize::Create(Config(3, 1)).status().message(),
            "normalize: 3 means and 1 standard deviations; give three of each, for red, green and "
            "blue");
  EXPECT_FALSE(Normalize::Create(NormalizeConfig()).ok());
  NormalizeConfig zero = Config(3, 3);
  zero.set_std(1, 0);
  EXPECT_EQ(Normalize::Create(zero).status().message(),
            "normalize: std 0; give a number above 0 and at most 1,000");
}

}  // namespace
}  // namespace ssnas
