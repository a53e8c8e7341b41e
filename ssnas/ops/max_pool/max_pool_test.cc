#include "ssnas/ops/max_pool/max_pool.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "ssnas/ops/max_pool/max_pool.pb.h"

namespace ssnas {
namespace {

absl::StatusOr<Recipe> Build(int kernel, const OperationContext& context) {
  MaxPoolConfig config;
  config.set_kernel(kernel);
  const absl::StatusOr<std::unique_ptr<Operation>> operation = MaxPool::Create(config);
  if (!operation.ok()) return operation.status();
  return (*operation)->BuildRecipe(context);
}

TEST(MaxPoolTest, IsFollowedByANormInASearchOnly) {
  EXPECT_EQ(Build(3, {.phase = Phase::kSearch, .stride = 1, .channels = 4})->DebugString(),
            "0 = input -> 4\n"
            "1 = max_pool k3 s1 p1 (0) -> 4\n"
            "2 = batch_norm (1) -> 4 [norm]\n"
            "output 2\n");
  EXPECT_EQ(Build(5, {.phase = Phase::kDerived, .stride = 2, .channels = 4})->DebugString(),
            "0 = input -> 4\n"
            "1 = max_pool k5 s2 p2 (0) -> 4\n"
            "output 1\n");
}

TEST(MaxPoolTest, HasNoParametersAndNoMultiplyAdds) {
  const absl::StatusOr<Recipe> recipe = Build(3, {.channels = 4});
  EXPECT_TRUE(recipe->Parameters().empty());
  EXPECT_EQ(recipe->RunningStatistics().size(), 2u);
  EXPECT_EQ(recipe->MultiplyAdds({1, 8, 8, 4}).value(), 0);
}

TEST(MaxPoolTest, RefusesKernelsThatDoNotKeepTheSize) {
  for (const int kernel : {-3, 0, 1, 2, 4, 17}) {
    const absl::Status status = Build(kernel, {.channels = 4}).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << kernel;
    EXPECT_EQ(status.message(),
              "max_pool: kernel " + std::to_string(kernel) + "; give an odd one from 3 to 15");
  }
}

}  // namespace
}  // namespace ssnas
