#include "ssnas/ops/sep_conv/sep_conv.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>

#include "ssnas/ops/sep_conv/sep_conv.pb.h"

namespace ssnas {
namespace {

absl::StatusOr<Recipe> Build(int kernel, const OperationContext& context) {
  SepConvConfig config;
  config.set_kernel(kernel);
  const absl::StatusOr<std::unique_ptr<Operation>> operation = SepConv::Create(config);
  if (!operation.ok()) return operation.status();
  return (*operation)->BuildRecipe(context);
}

int64_t ParameterCount(const Recipe& recipe) {
  int64_t count = 0;
  for (const ParameterSpec& spec : recipe.Parameters()) count += spec.count();
  return count;
}

TEST(SepConvTest, StridesInItsFirstHalfOnly) {
  EXPECT_EQ(Build(3, {.phase = Phase::kSearch, .stride = 2, .channels = 4})->DebugString(),
            "0 = input -> 4\n"
            "1 = relu (0) -> 4\n"
            "2 = depthwise k3 s2 d1 p1 (1) -> 4 [depthwise1]\n"
            "3 = pointwise s1 (2) -> 4 [pointwise1]\n"
            "4 = batch_norm (3) -> 4 [norm1]\n"
            "5 = relu (4) -> 4\n"
            "6 = depthwise k3 s1 d1 p1 (5) -> 4 [depthwise2]\n"
            "7 = pointwise s1 (6) -> 4 [pointwise2]\n"
            "8 = batch_norm (7) -> 4 [norm2]\n"
            "output 8\n");
}

TEST(SepConvTest, HasAffineNormsWhenDerived) {
  EXPECT_EQ(Build(5, {.phase = Phase::kDerived, .stride = 1, .channels = 4})->DebugString(),
            "0 = input -> 4\n"
            "1 = relu (0) -> 4\n"
            "2 = depthwise k5 s1 d1 p2 (1) -> 4 [depthwise1]\n"
            "3 = pointwise s1 (2) -> 4 [pointwise1]\n"
            "4 = batch_norm affine (3) -> 4 [norm1]\n"
            "5 = relu (4) -> 4\n"
            "6 = depthwise k5 s1 d1 p2 (5) -> 4 [depthwise2]\n"
            "7 = pointwise s1 (6) -> 4 [pointwise2]\n"
            "8 = batch_norm affine (7) -> 4 [norm2]\n"
            "output 8\n");
}

// The banner's 2C(k² + C), and the scale and shift of two norms.
TEST(SepConvTest, CostsWhatItsBannerSays) {
  for (const int kernel : {3, 5, 7}) {
    const int64_t c = 16, cost = 2 * c * (kernel * kernel + c);
    const Recipe search = *Build(kernel, {.phase = Phase::kSearch, .channels = c});
    EXPECT_EQ(ParameterCount(search), cost);
    EXPECT_EQ(search.MultiplyAdds({2, 8, 6, c}).value(), 2 * 8 * 6 * cost);
    EXPECT_EQ(ParameterCount(*Build(kernel, {.phase = Phase::kDerived, .channels = c})),
              cost + 4 * c);
  }
}

TEST(SepConvTest, RefusesKernelsThatDoNotKeepTheSize) {
  for (const int kernel : {-3, 0, 1, 2, 4, 17}) {
    const absl::Status status = Build(kernel, {.channels = 4}).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << kernel;
    EXPECT_EQ(status.message(),
              "sep_conv: kernel " + std::to_string(kernel) + "; give an odd one from 3 to 15");
  }
}

}  // namespace
}  // namespace ssnas
