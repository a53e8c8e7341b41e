#include "ssnas/ops/dil_conv/dil_conv.h"

#include <utility>

#include "ssnas/core/status_macros.h"
#include "ssnas/ops/checks.h"

namespace ssnas {

absl::StatusOr<std::unique_ptr<Operation>> DilConv::Create(const DilConvConfig& config) {
  SSNAS_RETURN_IF_ERROR(CheckKernel("dil_conv", config.kernel()));
  return std::unique_ptr<Operation>(new DilConv(config.kernel()));
}

absl::StatusOr<Recipe> DilConv::BuildRecipe(const OperationContext& context) const {
  SSNAS_RETURN_IF_ERROR(CheckContext("dil_conv", context));
  RecipeBuilder b(context.channels);
  int x = b.Relu(b.Input());
  // Dilation 2: the filter spans 2k − 1, so a padding of k − 1 keeps the size.
  x = b.Depthwise("depthwise", x, kernel_, context.stride, /*dilation=*/2, kernel_ - 1);
  x = b.Pointwise("pointwise", x, context.channels);
  x = b.BatchNorm("norm", x, /*affine=*/context.phase == Phase::kDerived);
  return std::move(b).Build(x);
}

}  // namespace ssnas
