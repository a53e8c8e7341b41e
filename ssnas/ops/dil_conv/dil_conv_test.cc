#include "ssnas/ops/dil_conv/dil_conv.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>

#include "ssnas/ops/dil_conv/dil_conv.pb.h"

namespace ssnas {
namespace {

absl::StatusOr<Recipe> Build(int kernel, const OperationContext& context) {
  DilConvConfig config;
  config.set_kernel(kernel);
  const absl::StatusOr<std::unique_ptr<Operation>> operation = DilConv::Create(config);
  if (!operation.ok()) return operation.status();
  return (*operation)->BuildRecipe(context);
}

int64_t ParameterCount(const Recipe& recipe) {
  int64_t count = 0;
  for (const ParameterSpec& spec : recipe.Parameters()) count += spec.count();
  return count;
}

TEST(DilConvTest, IsOneDilatedSeparableConvolution) {
  EXPECT_EQ(Build(3, {.phase = Phase::kSearch, .stride = 2, .channels = 4})->DebugString(),
            "0 = input -> 4\n"
            "1 = relu (0) -> 4\n"
            "2 = depthwise k3 s2 d2 p2 (1) -> 4 [depthwise]\n"
            "3 = pointwise s1 (2) -> 4 [pointwise]\n"
            "4 = batch_norm (3) -> 4 [norm]\n"
            "output 4\n");
  EXPECT_EQ(Build(5, {.phase = Phase::kDerived, .stride = 1, .channels = 4})->DebugString(),
            "0 = input -> 4\n"
            "1 = relu (0) -> 4\n"
            "2 = depthwise k5 s1 d2 p4 (1) -> 4 [depthwise]\n"
            "3 = pointwise s1 (2) -> 4 [pointwise]\n"
            "4 = batch_norm affine (3) -> 4 [norm]\n"
            "output 4\n");
}

TEST(DilConvTest, KeepsTheSizeOfSmallInputs) {
  const Recipe recipe = *Build(5, {.stride = 1, .channels = 2});
  for (const int64_t size : {1, 2, 3, 8}) {
    EXPECT_EQ(recipe.Shapes({1, size, size, 2})->back(), (Shape4{1, size, size, 2}));
  }
}

// The banner's C(k² + C), and the scale and shift of the norm.
TEST(DilConvTest, CostsWhatItsBannerSays) {
  for (const int kernel : {3, 5}) {
    const int64_t c = 16, cost = c * (kernel * kernel + c);
    const Recipe search = *Build(kernel, {.phase = Phase::kSearch, .stride = 2, .channels = c});
    EXPECT_EQ(ParameterCount(search), cost);
    EXPECT_EQ(search.MultiplyAdds({2, 8, 6, c}).value(), 2 * 4 * 3 * cost);
    EXPECT_EQ(ParameterCount(*Build(kernel, {.phase = Phase::kDerived, .channels = c})),
              cost + 2 * c);
  }
}

TEST(DilConvTest, RefusesKernelsThatDoNotKeepTheSize) {
  for (const int kernel : {-3, 0, 1, 2, 4, 17}) {
    const absl::Status status = Build(kernel, {.channels = 4}).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << kernel;
    EXPECT_EQ(status.message(),
              "dil_conv: kernel " + std::to_string(kernel) + "; give an odd one from 3 to 15");
  }
}

}  // namespace
}  // namespace ssnas
