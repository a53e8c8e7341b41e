#include "ssnas/core/readable.h"

#include <gtest/gtest.h>

#include <limits>

namespace ssnas {
namespace {

TEST(ReadableTest, GroupsOfThreeDigits) {
  EXPECT_EQ(Grouped(0), "0");
  EXPECT_EQ(Grouped(999), "999");
  EXPECT_EQ(Grouped(1000), "1,000");
  EXPECT_EQ(Grouped(-999), "-999");
  EXPECT_EQ(Grouped(-1234567), "-1,234,567");
  EXPECT_EQ(Grouped(std::numeric_limits<int64_t>::min()), "-9,223,372,036,854,775,808");
}

TEST(ReadableTest, NumbersReadTheSameAgain) {
  EXPECT_EQ(Readable(10'000'000), "10,000,000");
  EXPECT_EQ(Readable(-1000), "-1,000");
  EXPECT_EQ(Readable(0.025), "0.025");
  EXPECT_EQ(Readable(0.0003), "0.0003");
  EXPECT_EQ(Readable(1.0 / 3), "0.3333333333333333");
  EXPECT_EQ(Readable(1e15), "1e+15");
}

}  // namespace
}  // namespace ssnas
