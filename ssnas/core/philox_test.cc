#include "ssnas/core/philox.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>
#include <vector>

namespace ssnas {
namespace {

// Known answers published with the Random123 library (kat_vectors, philox4x32 10).
TEST(Philox4x32Test, MatchesThePublishedVectors) {
  EXPECT_EQ(Philox4x32({0, 0, 0, 0}, {0, 0}),
            (std::array<uint32_t, 4>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(Philox4x32({~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}),
            (std::array<uint32_t, 4>{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(Philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (std::array<uint32_t, 4>{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(PhiloxTest, EveryPartOfTheKeyChangesTheStream) {
  const std::vector<StreamKey> keys = {
      {1, Purpose::kTest, 0, 0, 0},          {2, Purpose::kTest, 0, 0, 0},
      {1, Purpose::kView, 0, 0, 0},          {1, Purpose::kTest, 1, 0, 0},
      {1, Purpose::kTest, 0, 1, 0},          {1, Purpose::kTest, 0, 0, 1},
      {1, Purpose::kTest, 0, 1ull << 32, 0},
  };
  std::set<uint64_t> first;
  for (const StreamKey& key : keys) first.insert(Philox(key).Next64());
  EXPECT_EQ(first.size(), keys.size());
  EXPECT_EQ(Philox(keys[0]).Next64(), Philox(keys[0]).Next64());
}

TEST(PhiloxTest, UniformAndNormalHaveTheirMoments) {
  constexpr int kDraws = 100000;
  Philox random({.seed = 3});
  double sum = 0, normal_sum = 0, normal_squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double u = random.Uniform();
    ASSERT_GE(u, 0);
    ASSERT_LT(u, 1);
    sum += u;
    const double z = random.Normal();
    normal_sum += z;
    normal_squares += z * z;
  }
  // Five standard errors of each mean.
  EXPECT_LT(std::abs(sum / kDraws - 0.5), 5 * std::sqrt(1.0 / 12 / kDraws));
  EXPECT_LT(std::abs(normal_sum / kDraws), 5 / std::sqrt(1.0 * kDraws));
  EXPECT_LT(std::abs(normal_squares / kDraws - 1), 5 * std::sqrt(2.0 / kDraws));
}

TEST(PhiloxTest, SkippingIsDrawing) {
  for (int drawn = 0; drawn < 9; ++drawn) {
    for (uint32_t skipped = 0; skipped < 40; ++skipped) {
      Philox skips({.seed = 4}), draws({.seed = 4});
      for (int i = 0; i < drawn; ++i) ASSERT_EQ(skips.Next(), draws.Next());
      skips.Skip(skipped);
      for (uint32_t i = 0; i < skipped; ++i) draws.Next();
      for (int i = 0; i < 6; ++i) ASSERT_EQ(skips.Next(), draws.Next()) << drawn << " " << skipped;
    }
  }
}

TEST(PhiloxTest, PermutationHoldsEachIndexOnce) {
  std::vector<int64_t> order = Philox({.seed = 5}).Permutation(1000);
  EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
  std::sort(order.begin(), order.end());
  for (int64_t i = 0; i < 1000; ++i) ASSERT_EQ(order[i], i);
  EXPECT_TRUE(Philox({.seed = 5}).Permutation(0).empty());
}

TEST(HashNameTest, IsFnv1a) { EXPECT_EQ(HashName("a"), 0xaf63dc4c8601ec8cull); }

}  // namespace
}  // namespace ssnas
