#include "bottleneck/bottleneck.h"

#include <cstdint>
#include <utility>

#include "ssnas/core/status_macros.h"
#include "ssnas/ops/checks.h"

namespace outside {

absl::StatusOr<std::unique_ptr<ssnas::Operation>> Bottleneck::Create(
    const BottleneckConfig& config) {
  SSNAS_RETURN_IF_ERROR(ssnas::CheckKernel("bottleneck", config.kernel()));
  return std::unique_ptr<ssnas::Operation>(new Bottleneck(config.kernel()));
}

absl::StatusOr<ssnas::Recipe> Bottleneck::BuildRecipe(
    const ssnas::OperationContext& context) const {
  SSNAS_RETURN_IF_ERROR(ssnas::CheckContext("bottleneck", context));
  const int64_t narrow = (context.channels + 1) / 2;
  ssnas::RecipeBuilder b(context.channels);
  int x = b.Relu(b.Input());
  x = b.Pointwise("reduce", x, narrow);
  x = b.Depthwise("depthwise", x, kernel_, context.stride, /*dilation=*/1, kernel_ / 2);
  x = b.Pointwise("widen", x, context.channels);
  x = b.BatchNorm("norm", x, /*affine=*/context.phase == ssnas::Phase::kDerived);
  return std::move(b).Build(x);
}

}  // namespace outside
