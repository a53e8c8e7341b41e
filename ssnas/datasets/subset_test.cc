#include "ssnas/datasets/subset.h"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

namespace ssnas {
namespace {

std::vector<int64_t> Sorted(std::vector<int64_t> v) {
  std::sort(v.begin(), v.end());
  return v;
}

std::vector<int64_t> Range(int64_t n) {
  std::vector<int64_t> range(n);
  std::iota(range.begin(), range.end(), int64_t{0});
  return range;
}

TEST(RandomSubsetTest, HoldsDifferentIndicesAndGrowsAtItsEnd) {
  const std::vector<int64_t> all = RandomSubset(100, 100, 7, Purpose::kSubset);
  EXPECT_EQ(Sorted(all), Range(100));
  EXPECT_NE(all, Range(100));
  const std::vector<int64_t> some = RandomSubset(100, 30, 7, Purpose::kSubset);
  EXPECT_EQ(some, std::vector<int64_t>(all.begin(), all.begin() + 30));
  EXPECT_EQ(RandomSubset(100, 1000, 7, Purpose::kSubset), all);
  EXPECT_TRUE(RandomSubset(0, 5, 7, Purpose::kSubset).empty());
}

TEST(RandomSubsetTest, DependsOnSeedAndPurpose) {
  const std::vector<int64_t> subset = RandomSubset(100, 30, 7, Purpose::kSubset);
  EXPECT_EQ(RandomSubset(100, 30, 7, Purpose::kSubset), subset);
  EXPECT_NE(RandomSubset(100, 30, 8, Purpose::kSubset), subset);
  EXPECT_NE(RandomSubset(100, 30, 7, Purpose::kValidationSubset), subset);
}

TEST(HalvesTest, AreDisjointAndHoldEverything) {
  for (const int64_t n : {0, 1, 2, 9, 50}) {
    std::vector<int64_t> indices = Range(n);
    for (int64_t& i : indices) i = 3 * i + 5;
    const auto [first, second] = Halves(indices, 3);
    EXPECT_EQ(static_cast<int64_t>(first.size()), n / 2);
    EXPECT_EQ(static_cast<int64_t>(second.size()), n - n / 2);
    std::vector<int64_t> both = first;
    both.insert(both.end(), second.begin(), second.end());
    EXPECT_EQ(Sorted(both), indices);
  }
}

// 1,000 of 2,000 at random: the lower half of the indices has 500 ± 11 (hypergeometric) in the
// first half.
TEST(HalvesTest, AreRandom) {
  const auto [first, second] = Halves(Range(2000), 3);
  const int64_t low = std::count_if(first.begin(), first.end(), [](int64_t i) { return i < 1000; });
  EXPECT_GT(low, 500 - 6 * 12);
  EXPECT_LT(low, 500 + 6 * 12);
  EXPECT_NE(Halves(Range(2000), 4).first, first);
  EXPECT_EQ(Halves(Range(2000), 3).second, second);
}

TEST(EpochOrderTest, IsANewOrderEachEpoch) {
  const std::vector<int64_t> indices = {8, 3, 99, 4, 12, 7, 1, 0, 55, 23, 42, 17};
  const std::vector<int64_t> order = EpochOrder(indices, 1, Purpose::kBatchOrder, 0);
  EXPECT_EQ(Sorted(order), Sorted(indices));
  EXPECT_EQ(EpochOrder(indices, 1, Purpose::kBatchOrder, 0), order);
  EXPECT_NE(EpochOrder(indices, 1, Purpose::kBatchOrder, 1), order);
  EXPECT_NE(EpochOrder(indices, 2, Purpose::kBatchOrder, 0), order);
  EXPECT_NE(EpochOrder(indices, 1, Purpose::kBatchOrderAlphas, 0), order);
}

}  // namespace
}  // namespace ssnas
