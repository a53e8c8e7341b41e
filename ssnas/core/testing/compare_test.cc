#include "ssnas/core/testing/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace ssnas {
namespace {

using ::testing::HasSubstr;

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

bool Same(const std::vector<double>& actual, const std::vector<double>& expected, double bound) {
  return Compare<double>(actual, expected, bound).ok();
}

TEST(CompareTest, AcceptsUpToTheBoundAndNoFurther) {
  EXPECT_TRUE(Same({1.0, 2.5}, {1.0, 2.0}, 0.5));
  EXPECT_FALSE(Same({1.0, 2.5}, {1.0, 2.0}, std::nextafter(0.5, 0.0)));
  EXPECT_TRUE(Same({1.0}, {1.0}, 0));
  EXPECT_FALSE(Same({1.0}, {std::nextafter(1.0, 2.0)}, 0));
}

TEST(CompareTest, SeesErrorsOfEverySign) {
  EXPECT_FALSE(Same({-3.0}, {-2.0}, 0.5));
  EXPECT_FALSE(Same({-2.0}, {-3.0}, 0.5));
  EXPECT_FALSE(Same({2.0}, {-2.0}, 0.5));
  EXPECT_FALSE(Same({-2.0}, {2.0}, 0.5));
}

TEST(CompareTest, NaNIsNeverRight) {
  EXPECT_FALSE(Same({kNan}, {1.0}, kInf));
  EXPECT_FALSE(Same({1.0}, {kNan}, kInf));
  EXPECT_FALSE(Same({kNan}, {kNan}, kInf));
  EXPECT_FALSE(Same({1.0}, {1.0}, kNan));
  EXPECT_FALSE(Same({1.0}, {1.0}, -1.0));
}

TEST(CompareTest, InfinityIsOnlyItself) {
  EXPECT_TRUE(Same({kInf, -kInf}, {kInf, -kInf}, 0));
  EXPECT_FALSE(Same({kInf}, {-kInf}, 1e300));
  EXPECT_FALSE(Same({kInf}, {1e308}, 1e300));
  EXPECT_FALSE(Same({1e308}, {kInf}, 1e300));
}

TEST(CompareTest, OneWrongElementIsEnoughAndIsNamed) {
  std::vector<double> actual(1000, 1.0);
  actual[617] = 1.25;
  const absl::Status status = Compare<double>(actual, std::vector<double>(1000, 1.0), 0.125);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("1 of 1000 elements differ; the worst is element 617: 1.25, expected 1"));
}

TEST(CompareTest, LengthsMustAgreeAndSomethingMustBeCompared) {
  EXPECT_FALSE(Same({1.0, 2.0}, {1.0}, kInf));
  EXPECT_FALSE(Same({1.0}, {1.0, 2.0}, kInf));
  EXPECT_FALSE(Same({}, {}, kInf));
  EXPECT_FALSE(Compare<double>({1.0}, {1.0}, {0.0, 0.0}).ok());
}

TEST(CompareTest, ZerosDoNotPassForValues) {
  EXPECT_FALSE(Same({0, 0, 0}, {0, 0.5, 0}, 0.25));
  EXPECT_TRUE(Same({0.0}, {-0.0}, 0));
}

TEST(CompareTest, EachElementHasItsOwnBound) {
  const std::vector<float> actual = {1.5f, 1.5f};
  EXPECT_TRUE(Compare<float>(actual, {1.0, 1.5}, {0.5, 0.0}).ok());
  EXPECT_FALSE(Compare<float>(actual, {1.0, 1.5}, {0.25, 1.0}).ok());
}

TEST(CompareBitsTest, IsStricterThanEquality) {
  EXPECT_TRUE(CompareBits<double>({1.0, kNan}, {1.0, kNan}).ok());
  EXPECT_FALSE(CompareBits<double>({0.0}, {-0.0}).ok());
  EXPECT_FALSE(CompareBits<float>({1.0f}, {std::nextafter(1.0f, 2.0f)}).ok());
  EXPECT_FALSE(CompareBits<float>({}, {}).ok());
  EXPECT_FALSE(CompareBits<float>({1.0f}, {1.0f, 2.0f}).ok());
}

TEST(ErrorBoundTest, HoldsForASumThatRoundsBadly) {
  // Each 2⁻²⁵ is lost against 1: the worst that one addition can do, 1,000 times.
  float sum = 1;
  for (int i = 0; i < 1000; ++i) sum += std::ldexp(1.0f, -25);
  const double exact = 1 + 1000 * std::ldexp(1.0, -25);
  EXPECT_EQ(sum, 1.0f);
  EXPECT_TRUE(Compare<float>({sum}, {exact}, ErrorBound(1000, exact, kFloatEpsilon)).ok());
  EXPECT_FALSE(Compare<float>({sum}, {exact}, ErrorBound(100, exact, kFloatEpsilon)).ok());
}

TEST(ErrorBoundTest, GrowsWithTermsAndMagnitudes) {
  EXPECT_EQ(ErrorBound(1, 4.0, std::ldexp(1.0, -20)),
            4.0 * std::ldexp(1.0, -20) / (1 - std::ldexp(1.0, -20)));
  EXPECT_EQ(ErrorBound(10, 0.0, kFloatEpsilon), 0.0);
  EXPECT_EQ(ErrorBound(int64_t{1} << 30, 1.0, kFloatEpsilon), kInf);
}

}  // namespace
}  // namespace ssnas
