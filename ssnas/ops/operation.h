// A candidate operation of an edge: what plugins of kind "operation" are.
//
// It is declared, not coded: given where it stands it returns a recipe over known primitives, which
// every engine runs. docs/add_an_operation.md adds one by copying a folder.
#ifndef SSNAS_OPS_OPERATION_H_
#define SSNAS_OPS_OPERATION_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "ssnas/core/registry.h"
#include "ssnas/ops/recipe.h"

namespace ssnas {

// Search: norms without scale and shift, a norm after pools. Derived: norms with both, none after
// pools.
enum class Phase { kSearch, kDerived };

struct OperationContext {
  Phase phase = Phase::kSearch;
  int stride = 1;        // 1, or 2 from the inputs of a reduction cell
  int64_t channels = 0;  // of input and output
};

class Operation {
 public:
  static constexpr char kKind[] = "operation";
  virtual ~Operation() = default;

  // x: N×H×W×C → y: N×⌈H/s⌉×⌈W/s⌉×C for channels C and stride s. InvalidArgument for a context it
  // cannot serve.
  virtual absl::StatusOr<Recipe> BuildRecipe(const OperationContext& context) const = 0;
};

SSNAS_DECLARE_PLUGIN_KIND(Operation);

}  // namespace ssnas

#endif  // SSNAS_OPS_OPERATION_H_
