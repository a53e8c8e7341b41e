#include "ssnas/core/memory/buffer_pool.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace ssnas {
namespace {

using Pool = BufferPool<float>;

TEST(BufferPoolTest, WhatComesBackIsHandedOutAgain) {
  Pool pool;
  const Pool::Buffer first = *pool.Take(100);
  const Pool::Buffer second = *pool.Take(1);
  const Pool::Buffer third = *pool.Take(50);
  // 112 and 16 floats: whole cache lines.
  EXPECT_EQ(second.data() - first.data(), 112);
  EXPECT_EQ(third.data() - second.data(), 16);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(first.data()) % 64, 0u);

  // The two grow together: 128 floats fit where 112 and 16 were, whichever comes back first.
  pool.Give(second);
  pool.Give(first);
  EXPECT_EQ(pool.Take(128)->data(), first.data());
  // Nothing is free before the third any more.
  EXPECT_EQ(pool.Take(1)->data() - third.data(), 64);
}

TEST(BufferPoolTest, TakesTheFirstRangeThatIsLargeEnough) {
  Pool pool;
  const Pool::Buffer small = *pool.Take(16);
  ASSERT_TRUE(pool.Take(16).ok());
  const Pool::Buffer large = *pool.Take(160);
  ASSERT_TRUE(pool.Take(16).ok());
  pool.Give(small);
  pool.Give(large);
  const Pool::Buffer again = *pool.Take(32);
  EXPECT_EQ(again.data(), large.data());
  EXPECT_EQ(again.size, 32);
  EXPECT_EQ(pool.Take(16)->data(), small.data());
}

TEST(BufferPoolTest, BuffersOfSeveralSlabsComeBackToTheirOwn) {
  BufferPool<double> pool;
  // More than a slab's addresses each; untouched, so that they are no memory.
  constexpr int64_t kLarge = (int64_t{1} << 27) + 1;
  const auto first = *pool.Take(kLarge);
  const auto second = *pool.Take(kLarge);
  EXPECT_NE(first.data(), second.data());
  pool.Give(second);
  pool.Give(first);
  pool.Give({});
  EXPECT_EQ(pool.Take(kLarge)->data(), first.data());
  EXPECT_EQ(pool.Take(kLarge)->data(), second.data());
}

TEST(BufferPoolTest, SaysWhenThereIsNoMemory) {
  Pool pool;
  EXPECT_EQ(pool.Take(int64_t{1} << 58).status().code(), absl::StatusCode::kResourceExhausted);
  // It goes on.
  EXPECT_TRUE(pool.Take(16).ok());
}

}  // namespace
}  // namespace ssnas
