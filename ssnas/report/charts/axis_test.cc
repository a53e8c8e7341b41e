#include "ssnas/report/charts/axis.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace ssnas::report {
namespace {

std::vector<std::string> Labels(double low, double high, int count, bool integers = false) {
  const Ticks ticks = NiceTicks(low, high, count, integers);
  std::vector<std::string> labels;
  for (size_t i = 0; i < ticks.at.size(); ++i) labels.push_back(TickLabel(ticks, i));
  return labels;
}

using Strings = std::vector<std::string>;

TEST(NiceTicksTest, RoundNumbersWithTheDigitsTheyNeed) {
  EXPECT_EQ(Labels(0, 10, 5), (Strings{"0", "2", "4", "6", "8", "10"}));
  EXPECT_EQ(Labels(2.31, 3.52, 5), (Strings{"2.50", "2.75", "3.00", "3.25", "3.50"}));
  EXPECT_EQ(Labels(0, 20000, 4), (Strings{"0", "5,000", "10,000", "15,000", "20,000"}));
  EXPECT_EQ(Labels(-0.1, 0.1, 4), (Strings{"-0.10", "-0.05", "0.00", "0.05", "0.10"}));
  EXPECT_EQ(Labels(0.001, 0.0021, 3), (Strings{"0.0010", "0.0015", "0.0020"}));
}

TEST(NiceTicksTest, WholeNumbersIfAsked) {
  EXPECT_EQ(Labels(1, 3, 8, true), (Strings{"1", "2", "3"}));
  EXPECT_EQ(Labels(0, 10, 4, true), (Strings{"0", "5", "10"}));
}

TEST(NiceTicksTest, NoRangeNoTicks) {
  EXPECT_TRUE(Labels(1, 1, 5).empty());
  EXPECT_TRUE(Labels(2, 1, 5).empty());
}

TEST(NiceTicksTest, FewAtAnyScale) {
  for (const double scale : {1e-7, 1e-3, 0.7, 42.0, 3e5, 9e14, 4e19}) {
    const Ticks ticks = NiceTicks(0.13 * scale, 1.04 * scale, 5);
    EXPECT_GE(ticks.at.size(), 2u) << scale;
    EXPECT_LE(ticks.at.size(), 8u) << scale;
    for (size_t i = 0; i < ticks.at.size(); ++i)
      EXPECT_LE(TickLabel(ticks, i).size(), 20u) << scale;
  }
}

TEST(RangeTest, IsNeverOfLengthZeroWhenPadded) {
  Range range;
  EXPECT_TRUE(range.empty());
  EXPECT_LT(range.Padded(0).low(), range.Padded(0).high());
  range.Add(3);
  EXPECT_FALSE(range.empty());
  EXPECT_LT(range.Padded(0).low(), 3);
  EXPECT_GT(range.Padded(0).high(), 3);
}

}  // namespace
}  // namespace ssnas::report
