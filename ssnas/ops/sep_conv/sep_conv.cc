#include "ssnas/ops/sep_conv/sep_conv.h"

#include <utility>

#include "ssnas/core/status_macros.h"
#include "ssnas/ops/checks.h"

namespace ssnas {

absl::StatusOr<std::unique_ptr<Operation>> SepConv::Create(const SepConvConfig& config) {
  SSNAS_RETURN_IF_ERROR(CheckKernel("sep_conv", config.kernel()));
  return std::unique_ptr<Operation>(new SepConv(config.kernel()));
}

absl::StatusOr<Recipe> SepConv::BuildRecipe(const OperationContext& context) const {
  SSNAS_RETURN_IF_ERROR(CheckContext("sep_conv", context));
  const bool affine = context.phase == Phase::kDerived;
  RecipeBuilder b(context.channels);
  int x = b.Relu(b.Input());
  x = b.Depthwise("depthwise1", x, kernel_, context.stride, /*dilation=*/1, kernel_ / 2);
  x = b.Pointwise("pointwise1", x, context.channels);
  x = b.Relu(b.BatchNorm("norm1", x, affine));
  x = b.Depthwise("depthwise2", x, kernel_, /*stride=*/1, /*dilation=*/1, kernel_ / 2);
  x = b.Pointwise("pointwise2", x, context.channels);
  x = b.BatchNorm("norm2", x, affine);
  return std::move(b).Build(x);
}

}  // namespace ssnas
