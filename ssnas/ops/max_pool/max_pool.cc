#include "ssnas/ops/max_pool/max_pool.h"

#include <utility>

#include "ssnas/core/status_macros.h"
#include "ssnas/ops/checks.h"

namespace ssnas {

absl::StatusOr<std::unique_ptr<Operation>> MaxPool::Create(const MaxPoolConfig& config) {
  SSNAS_RETURN_IF_ERROR(CheckKernel("max_pool", config.kernel()));
  return std::unique_ptr<Operation>(new MaxPool(config.kernel()));
}

absl::StatusOr<Recipe> MaxPool::BuildRecipe(const OperationContext& context) const {
  SSNAS_RETURN_IF_ERROR(CheckContext("max_pool", context));
  RecipeBuilder b(context.channels);
  int x = b.MaxPool(b.Input(), kernel_, context.stride, kernel_ / 2);
  if (context.phase == Phase::kSearch) x = b.BatchNorm("norm", x, /*affine=*/false);
  return std::move(b).Build(x);
}

}  // namespace ssnas
