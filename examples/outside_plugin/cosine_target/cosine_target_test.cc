#include "cosine_target/cosine_target.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ssnas/core/testing/compare.h"

namespace outside {
namespace {

// A dozen operations on numbers up to 1.
const double kRounding = ssnas::ErrorBound(12, 1, ssnas::kDoubleEpsilon);

// Two images: the views of the first agree, those of the second are 60° apart.
TEST(CosineTargetLossTest, IsTheFormula) {
  const double h = std::sqrt(0.75);
  const std::vector<double> z = {1, 0, 0, 0, 2, 0, 5, 0, 0, 0, 1, 2 * h};
  std::vector<double> gradient;
  const ssnas::LossValue value = CosineTargetLoss(z, 4, /*apart=*/0.5, &gradient);
  EXPECT_NEAR(value.loss, (0.25 + 0.25) / 4, kRounding);
  EXPECT_EQ(value.accuracy, 1);
  // Views that are where they should be are pulled nowhere.
  EXPECT_NEAR(gradient[0], 0, kRounding);
  // The two of the second image turn towards each other, along their circles.
  EXPECT_NEAR(gradient[4], 0, kRounding);
  EXPECT_LT(gradient[5], 0);
}

TEST(CosineTargetLossTest, PushesImagesApart) {
  std::vector<double> gradient;
  // All four equal: each of 8 cosines between images is 1.
  const ssnas::LossValue value =
      CosineTargetLoss({1, 0, 1, 0, 1, 0, 1, 0}, 4, /*apart=*/0.5, &gradient);
  EXPECT_NEAR(value.loss, 0.5, kRounding);
  EXPECT_EQ(value.accuracy, 0);
}

}  // namespace
}  // namespace outside
