#include "bench/timed_engine.h"

#include <gtest/gtest.h>

#include <vector>

namespace ssnas {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

BlockTime Forward(bool is_cell, int64_t begin, int64_t end) {
  return {is_cell, /*backward=*/false, begin * kSecond, end * kSecond};
}
BlockTime Backward(bool is_cell, int64_t begin, int64_t end) {
  return {is_cell, /*backward=*/true, begin * kSecond, end * kSecond};
}

TEST(SplitStepTest, TwoPassesAddUpToTheStep) {
  const BlockTimes times = {
      Forward(false, 1, 3),   Forward(true, 3, 7),    // alpha pass: a stem and a cell
      Backward(true, 12, 20),                         // no gradient below the first cell
      Forward(false, 26, 27), Forward(true, 29, 34),  // weight pass
      Backward(true, 36, 49), Backward(false, 50, 53),
  };
  const std::vector<PassPhases> passes = SplitStep(times, 0, 60 * kSecond);
  ASSERT_EQ(passes.size(), 2u);
  const PassPhases& alpha = passes[0];
  EXPECT_DOUBLE_EQ(alpha.stem_forward, 2);
  EXPECT_DOUBLE_EQ(alpha.cells_forward, 4);
  EXPECT_DOUBLE_EQ(alpha.objective, 5);
  EXPECT_DOUBLE_EQ(alpha.cells_backward, 8);
  EXPECT_DOUBLE_EQ(alpha.stem_backward, 0);
  EXPECT_DOUBLE_EQ(alpha.optimizer, 6);
  EXPECT_DOUBLE_EQ(alpha.between, 1);  // before the first block
  const PassPhases& weight = passes[1];
  EXPECT_DOUBLE_EQ(weight.stem_forward, 1);
  EXPECT_DOUBLE_EQ(weight.cells_forward, 5);
  EXPECT_DOUBLE_EQ(weight.objective, 2);
  EXPECT_DOUBLE_EQ(weight.cells_backward, 13);
  EXPECT_DOUBLE_EQ(weight.stem_backward, 3);
  EXPECT_DOUBLE_EQ(weight.optimizer, 7);
  EXPECT_DOUBLE_EQ(weight.between, 3);
  EXPECT_DOUBLE_EQ(alpha.total() + weight.total(), 60);
}

TEST(SplitStepTest, NothingRan) {
  const std::vector<PassPhases> passes = SplitStep({}, 0, 2 * kSecond);
  ASSERT_EQ(passes.size(), 1u);
  EXPECT_DOUBLE_EQ(passes[0].total(), 2);
}

}  // namespace
}  // namespace ssnas
