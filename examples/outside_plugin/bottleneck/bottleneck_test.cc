#include "bottleneck/bottleneck.h"

#include <gtest/gtest.h>

namespace outside {
namespace {

TEST(BottleneckTest, IsNarrowInTheMiddle) {
  const auto operation = Bottleneck::Create(BottleneckConfig());
  ASSERT_TRUE(operation.ok()) << operation.status();
  const auto recipe = (*operation)->BuildRecipe({.stride = 2, .channels = 5});
  ASSERT_TRUE(recipe.ok()) << recipe.status();
  EXPECT_EQ(recipe->DebugString(),
            "0 = input -> 5\n"
            "1 = relu (0) -> 5\n"
            "2 = pointwise s1 (1) -> 3 [reduce]\n"
            "3 = depthwise k3 s2 d1 p1 (2) -> 3 [depthwise]\n"
            "4 = pointwise s1 (3) -> 5 [widen]\n"
            "5 = batch_norm (4) -> 5 [norm]\n"
            "output 5\n");
}

TEST(BottleneckTest, RefusesAnEvenKernel) {
  BottleneckConfig config;
  config.set_kernel(4);
  EXPECT_EQ(Bottleneck::Create(config).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace outside
