#include "ssnas/core/thread_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <numeric>
#include <thread>
#include <vector>

namespace ssnas {
namespace {

using ::testing::Each;

TEST(ThreadPoolTest, EveryIndexIsTakenOnceWhateverTheThreads) {
  for (int threads : {1, 2, 3, 8}) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.threads(), threads);
    for (int64_t count : {0, 1, 2, 7, 1000}) {
      std::vector<int> taken(count, 0);
      pool.For(count, [&](int64_t first, int64_t last) {
        for (int64_t i = first; i < last; ++i) ++taken[i];
      });
      EXPECT_THAT(taken, Each(1)) << threads << " threads, " << count;
    }
  }
}

TEST(ThreadPoolTest, LoopsFollowEachOtherAtOnceAndAfterSleep) {
  ThreadPool pool(3);
  std::vector<int64_t> sums(3, 0);
  for (int loop = 0; loop < 2000; ++loop) {
    // Long enough now and then for the workers to fall asleep.
    if (loop % 500 == 499) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    pool.For(3, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; ++i) sums[i] += loop;
    });
  }
  EXPECT_THAT(sums, Each(2000 * 1999 / 2));
}

TEST(ThreadPoolTest, WhatALoopWroteTheNextOneReads) {
  ThreadPool pool(2);
  const ParallelFor parallel_for = pool.parallel_for();
  std::vector<int> values(64, 1), shifted(64);
  for (int loop = 0; loop < 64; ++loop) {
    parallel_for(64, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; ++i) shifted[i] = values[(i + 1) % 64] + loop;
    });
    values.swap(shifted);
  }
  EXPECT_THAT(values, Each(1 + 64 * 63 / 2));
}

}  // namespace
}  // namespace ssnas
