#include "ssnas/ops/skip_connect/skip_connect.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>

#include "ssnas/ops/skip_connect/skip_connect.pb.h"

namespace ssnas {
namespace {

absl::StatusOr<Recipe> Build(const OperationContext& context) {
  return (*SkipConnect::Create(SkipConnectConfig()))->BuildRecipe(context);
}

int64_t ParameterCount(const Recipe& recipe) {
  int64_t count = 0;
  for (const ParameterSpec& spec : recipe.Parameters()) count += spec.count();
  return count;
}

TEST(SkipConnectTest, IsTheIdentityAtStrideOne) {
  const absl::StatusOr<Recipe> recipe = Build({.stride = 1, .channels = 4});
  EXPECT_EQ(recipe->DebugString(), "0 = input -> 4\n1 = identity (0) -> 4\noutput 1\n");
  EXPECT_TRUE(recipe->IsIdentity());
}

TEST(SkipConnectTest, IsAFactorizedReductionAtStrideTwo) {
  const absl::StatusOr<Recipe> recipe =
      Build({.phase = Phase::kDerived, .stride = 2, .channels = 4});
  EXPECT_EQ(recipe->DebugString(),
            "0 = input -> 4\n"
            "1 = relu (0) -> 4\n"
            "2 = pointwise s2 (1) -> 2 [pointwise1]\n"
            "3 = shift (1) -> 4\n"
            "4 = pointwise s2 (3) -> 2 [pointwise2]\n"
            "5 = concat (2, 4) -> 4\n"
            "6 = batch_norm affine (5) -> 4 [norm]\n"
            "output 6\n");
  EXPECT_FALSE(recipe->IsIdentity());
  EXPECT_EQ(ParameterCount(*Build({.phase = Phase::kSearch, .stride = 2, .channels = 16})),
            16 * 16);
}

TEST(SkipConnectTest, RefusesToHalveOneChannel) {
  const absl::Status status = Build({.stride = 2, .channels = 1}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(Build({.stride = 1, .channels = 1}).ok());
}

}  // namespace
}  // namespace ssnas
