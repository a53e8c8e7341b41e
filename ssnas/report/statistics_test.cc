#include "ssnas/report/statistics.h"

#include <cmath>
#include <limits>
#include <vector>

#include "gtest/gtest.h"

namespace ssnas::report {
namespace {

// Wilson's limits are where |share − p| = z √(p(1 − p)/n): the definition, which the code does not
// use.
double StandardErrors(double share, double p, double n) {
  return std::fabs(share - p) / std::sqrt(p * (1 - p) / n);
}

TEST(WilsonTest, LimitsAreAtTheQuantile) {
  for (const double share : {0.03, 0.5, 0.8412, 0.97}) {
    for (const double n : {20.0, 10000.0}) {
      const Interval interval = Wilson(share, n);
      EXPECT_NEAR(StandardErrors(share, interval.low, n), 1.96, 1e-4);  // tolerance: z is 1.95996…
      EXPECT_NEAR(StandardErrors(share, interval.high, n), 1.96, 1e-4);  // tolerance: z is 1.95996…
      EXPECT_LT(interval.low, share);
      EXPECT_GT(interval.high, share);
    }
  }
}

TEST(WilsonTest, NeverLeavesZeroToOne) {
  EXPECT_EQ(Wilson(0, 20).low, 0);
  EXPECT_GT(Wilson(0, 20).high, 0.1);  // 20 of 20 right do not show that all are
  EXPECT_EQ(Wilson(1, 20).high, 1);
  EXPECT_LT(Wilson(1, 20).low, 0.9);
}

TEST(WilsonTest, KnowsNothingWithoutImages) {
  for (const double n : {0.0, -3.0, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_EQ(Wilson(0.5, n).low, 0);
    EXPECT_EQ(Wilson(0.5, n).high, 1);
  }
}

TEST(NewcombeTest, HisFirstExample) {
  // Newcombe (1998), table II, example (a): 56 of 70 and 48 of 80, method 10: 0.0524 to 0.3339.
  const Interval interval = Newcombe(56.0 / 70, 70, 48.0 / 80, 80);
  EXPECT_NEAR(interval.low, 0.0524, 5e-5);   // tolerance: printed with four digits
  EXPECT_NEAR(interval.high, 0.3339, 5e-5);  // tolerance: printed with four digits
}

TEST(NewcombeTest, SwapsWithItsArguments) {
  const Interval there = Newcombe(0.84, 10000, 0.83, 5000);
  const Interval back = Newcombe(0.83, 5000, 0.84, 10000);
  EXPECT_DOUBLE_EQ(there.low, -back.high);
  EXPECT_DOUBLE_EQ(there.high, -back.low);
}

TEST(MovingMeanTest, CentresItsWindow) {
  EXPECT_EQ(MovingMean({1, 2, 3, 4, 50}, 3), (std::vector<double>{1.5, 2, 3, 19, 27}));
  EXPECT_EQ(MovingMean({1, 2, 3}, 1), (std::vector<double>{1, 2, 3}));
}

TEST(MovingMeanTest, LeavesOutWhatIsNotFinite) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> means = MovingMean({1, nan, 5, nan, nan, nan}, 3);
  EXPECT_EQ(means[0], 1);
  EXPECT_EQ(means[1], 3);
  EXPECT_EQ(means[3], 5);
  EXPECT_TRUE(std::isnan(means[4]));
}

}  // namespace
}  // namespace ssnas::report
