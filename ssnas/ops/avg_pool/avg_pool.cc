#include "ssnas/ops/avg_pool/avg_pool.h"

#include <utility>

#include "ssnas/core/status_macros.h"
#include "ssnas/ops/checks.h"

namespace ssnas {

absl::StatusOr<std::unique_ptr<Operation>> AvgPool::Create(const AvgPoolConfig& config) {
  SSNAS_RETURN_IF_ERROR(CheckKernel("avg_pool", config.kernel()));
  return std::unique_ptr<Operation>(new AvgPool(config.kernel()));
}

absl::StatusOr<Recipe> AvgPool::BuildRecipe(const OperationContext& context) const {
  SSNAS_RETURN_IF_ERROR(CheckContext("avg_pool", context));
  RecipeBuilder b(context.channels);
  int x = b.AvgPool(b.Input(), kernel_, context.stride, kernel_ / 2);
  if (context.phase == Phase::kSearch) x = b.BatchNorm("norm", x, /*affine=*/false);
  return std::move(b).Build(x);
}

}  // namespace ssnas
