#include "ssnas/core/testing/gradient_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

namespace ssnas {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// f = exp(x₀) + x₁³ + x₀·x₁
double Smooth(const std::vector<double>& x) {
  return std::exp(x[0]) + x[1] * x[1] * x[1] + x[0] * x[1];
}

const std::vector<double> kPoint = {0.5, -0.75};

std::vector<double> SmoothGradient() { return {std::exp(0.5) - 0.75, 3 * 0.75 * 0.75 + 0.5}; }

TEST(GradientCheckTest, AcceptsTheGradient) {
  EXPECT_EQ(CheckGradient(Smooth, kPoint, SmoothGradient(), {0, 1}), absl::OkStatus());
}

TEST(GradientCheckTest, RefusesSmallErrorsAndNamesThem) {
  for (const double factor : {1 + 1e-6, -1.0, 0.0}) {
    std::vector<double> wrong = SmoothGradient();
    wrong[1] *= factor;
    const absl::Status status = CheckGradient(Smooth, kPoint, wrong, {0, 1});
    EXPECT_THAT(std::string(status.message()), HasSubstr("the worst is element 1")) << factor;
  }
  EXPECT_FALSE(CheckGradient(Smooth, kPoint, {std::nan(""), SmoothGradient()[1]}, {0, 1}).ok());
}

TEST(GradientCheckTest, AZeroGradientMustBeZero) {
  const auto constant = [](const std::vector<double>&) { return 3.0; };
  EXPECT_EQ(CheckGradient(constant, {1.0}, {0.0}, {0}), absl::OkStatus());
  EXPECT_FALSE(CheckGradient(constant, {1.0}, {1e-6}, {0}).ok());
}

TEST(GradientCheckTest, KinksAreLeftOutButNotManyOfThem) {
  const auto sum_of_magnitudes = [](const std::vector<double>& x) {
    double sum = 0;
    for (const double value : x) sum += std::abs(value);
    return sum;
  };
  std::vector<double> point(20, 1.0), gradient(20, 1.0);
  point[3] = 0.5e-4;  // Half a step from its kink.
  const std::vector<int64_t> all = SomeCoordinates(20, 20);
  EXPECT_EQ(CheckGradient(sum_of_magnitudes, point, gradient, all), absl::OkStatus());
  point[4] = point[5] = 0.5e-4;
  EXPECT_THAT(std::string(CheckGradient(sum_of_magnitudes, point, gradient, all).message()),
              HasSubstr("only 17 of 20"));
}

TEST(GradientCheckTest, NothingToCheckIsAnError) {
  EXPECT_FALSE(CheckGradient(Smooth, kPoint, SmoothGradient(), {}).ok());
  EXPECT_FALSE(CheckGradient(Smooth, kPoint, {1.0}, {0}).ok());
}

TEST(SomeCoordinatesTest, SpreadsFromFirstToLast) {
  EXPECT_THAT(SomeCoordinates(3, 10), ElementsAre(0, 1, 2));
  EXPECT_THAT(SomeCoordinates(101, 3), ElementsAre(0, 50, 100));
  EXPECT_THAT(SomeCoordinates(5, 1), ElementsAre(0));
  EXPECT_TRUE(SomeCoordinates(0, 4).empty());
}

}  // namespace
}  // namespace ssnas
