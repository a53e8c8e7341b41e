#include "ssnas/engine/tensor_errors.h"

#include <gtest/gtest.h>

#include <cmath>

namespace ssnas {
namespace {

TEST(WorstErrorTest, IsRelativeToEachTensorsNorm) {
  const NamedTensors exact = {{"a", {3, 4}}, {"b", {0.03, 0.04}}};
  // ‖(0, 0.5)‖ / 5 = 0.1; ‖(0.01, 0)‖ / 0.05 = 0.2.
  const TensorError worst = *WorstError({{"a", {3, 4.5}}, {"b", {0.04, 0.04}}}, exact);
  EXPECT_EQ(worst.tensor, "b");
  EXPECT_DOUBLE_EQ(worst.error, (0.04 - 0.03) / std::hypot(0.03, 0.04));
}

TEST(WorstErrorTest, IsAbsoluteWhereOnlyRoundingIsLeft) {
  const NamedTensors exact = {{"large", {1000}}, {"tiny", {1e-9}}};
  EXPECT_EQ(WorstError({{"large", {1000}}, {"tiny", {3e-9}}}, exact)->error, 3e-9 - 1e-9);
}

TEST(WorstErrorTest, NotANumberIsTheWorst) {
  const NamedTensors exact = {{"a", {1}}, {"b", {1}}};
  const TensorError worst = *WorstError({{"a", {NAN}}, {"b", {1e9}}}, exact);
  EXPECT_EQ(worst.tensor, "a");
  EXPECT_EQ(worst.error, HUGE_VAL);
}

TEST(WorstErrorTest, MissesNoTensor) {
  EXPECT_FALSE(WorstError({}, {{"a", {1}}}).ok());
  EXPECT_FALSE(WorstError({{"a", {1, 2}}}, {{"a", {1}}}).ok());
}

}  // namespace
}  // namespace ssnas
