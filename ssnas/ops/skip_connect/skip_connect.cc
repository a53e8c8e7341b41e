#include "ssnas/ops/skip_connect/skip_connect.h"

#include <utility>

#include "ssnas/core/status_macros.h"
#include "ssnas/ops/checks.h"
#include "ssnas/ops/common_recipes.h"

namespace ssnas {

absl::StatusOr<std::unique_ptr<Operation>> SkipConnect::Create(const SkipConnectConfig&) {
  return std::make_unique<SkipConnect>();
}

absl::StatusOr<Recipe> SkipConnect::BuildRecipe(const OperationContext& context) const {
  SSNAS_RETURN_IF_ERROR(CheckContext("skip_connect", context));
  if (context.stride == 2) {
    return FactorizedReduce(context.channels, context.channels, context.phase == Phase::kDerived);
  }
  RecipeBuilder b(context.channels);
  const int same = b.Identity(b.Input());
  return std::move(b).Build(same);
}

}  // namespace ssnas
