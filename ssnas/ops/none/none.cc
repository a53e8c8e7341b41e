#include "ssnas/ops/none/none.h"

#include <utility>

#include "ssnas/core/status_macros.h"
#include "ssnas/ops/checks.h"

namespace ssnas {

absl::StatusOr<std::unique_ptr<Operation>> NoneOperation::Create(const NoneConfig&) {
  return std::make_unique<NoneOperation>();
}

absl::StatusOr<Recipe> NoneOperation::BuildRecipe(const OperationContext& context) const {
  SSNAS_RETURN_IF_ERROR(CheckContext("none", context));
  RecipeBuilder b(context.channels);
  const int zero = b.Zero(b.Input(), context.stride);
  return std::move(b).Build(zero);
}

}  // namespace ssnas
