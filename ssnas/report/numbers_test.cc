#include "ssnas/report/numbers.h"

#include <limits>
#include <string>

#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"

namespace ssnas::report {
namespace {

// The space before a unit is one that does not break.
std::string Plain(const std::string& text) { return absl::StrReplaceAll(text, {{"\u00A0", " "}}); }

TEST(NumbersTest, Amounts) {
  EXPECT_EQ(Plain(Amount(41832)), "41,832");
  EXPECT_EQ(Plain(Amount(3349342)), "3.35 M");
  EXPECT_EQ(Plain(Amount(528.4e6)), "528 M");
  EXPECT_EQ(Plain(Amount(1.5e9)), "1.50 G");
}

TEST(NumbersTest, SignificantDigits) {
  EXPECT_EQ(Significant(0, 3), "0");
  EXPECT_EQ(Significant(0.012345, 3), "0.0123");
  EXPECT_EQ(Significant(4.138, 3), "4.14");
  EXPECT_EQ(Significant(-812.3, 3), "-812");
  EXPECT_EQ(Significant(1250.4, 3), "1,250");
  EXPECT_EQ(Significant(1e-9, 2), "1.0e-09");
  EXPECT_EQ(Significant(std::numeric_limits<double>::infinity(), 3), "–");
}

TEST(NumbersTest, Units) {
  EXPECT_EQ(Plain(Percent(0.8412)), "84.1 %");
  EXPECT_EQ(Plain(Percent(std::numeric_limits<double>::quiet_NaN())), "–");
  EXPECT_EQ(Plain(Bytes(931e6)), "931 MB");
  EXPECT_EQ(Plain(Bytes(2.5e9)), "2.50 GB");
  EXPECT_EQ(Plain(Bytes(512000)), "512 kB");
  EXPECT_EQ(Plain(Counted(1, "step", "steps")), "1 step");
  EXPECT_EQ(Plain(Counted(1200, "step", "steps")), "1,200 steps");
}

TEST(NumbersTest, Durations) {
  EXPECT_EQ(Plain(Duration(0.42)), "0.4 s");
  EXPECT_EQ(Plain(Duration(41.3)), "41 s");
  EXPECT_EQ(Plain(Duration(59.7)), "1 min 0 s");
  EXPECT_EQ(Plain(Duration(151)), "2 min 31 s");
  EXPECT_EQ(Plain(Duration(11100)), "3 h 05 min");
  EXPECT_EQ(Plain(Duration(-1)), "–");
}

}  // namespace
}  // namespace ssnas::report
