#include "ssnas/engine/reference/reference_memory.h"

#include <algorithm>
#include <cstdint>

#include "ssnas/core/status_macros.h"
#include "ssnas/ops/recipe.h"

namespace ssnas {
namespace {

constexpr int64_t kFloat = sizeof(float);
constexpr int64_t kIndex = sizeof(int64_t);
// Of the largest value of a block, held at once beside what is kept while it runs or is
// differentiated: values, gradients, copies in the layouts of oneDNN. Fitted: memory_test.
constexpr int64_t kPassing = 5;
// What a module keeps inside is not known: that of a convolution, norm and ReLU, twice.
constexpr int64_t kModuleKept = 6;

// True where what reads the value keeps it, or the value's own ReLU does.
bool IsKept(const Recipe& recipe, int index, bool mixture) {
  const std::vector<Primitive>& primitives = recipe.primitives();
  switch (primitives[index].kind) {
    case PrimitiveKind::kInput:  // a state, counted once
    case PrimitiveKind::kIdentity:
    case PrimitiveKind::kZero:
      return false;
    case PrimitiveKind::kRelu:
      return true;
    default:
      break;
  }
  if (mixture && index == recipe.output()) return true;
  return std::any_of(primitives.begin() + index + 1, primitives.end(), [index](const Primitive& p) {
    return p.kind != PrimitiveKind::kRelu && p.kind != PrimitiveKind::kShift &&
           p.kind != PrimitiveKind::kConcat && p.kind != PrimitiveKind::kIdentity &&
           std::count(p.inputs.begin(), p.inputs.end(), index) > 0;
  });
}

}  // namespace

absl::StatusOr<BlockMemory> ReferenceMemory(const BlockPlan& plan,
                                            const std::vector<Shape4>& inputs) {
  SSNAS_ASSIGN_OR_RETURN(const std::vector<Shape4> states, plan.Shapes(inputs));
  BlockMemory bytes;
  int64_t largest = 0;
  // Inputs are the caller's.
  for (size_t state = plan.inputs; state + 1 < states.size(); ++state) {
    bytes.kept += states[state].count() * kFloat;
  }
  for (const NodePlan& node : plan.nodes) {
    for (const EdgePlan& edge : node.edges) {
      for (const CandidatePlan& candidate : edge.candidates) {
        const Recipe& recipe = candidate.recipe;
        SSNAS_ASSIGN_OR_RETURN(const std::vector<Shape4> values, recipe.Shapes(states[edge.from]));
        for (size_t i = 0; i < values.size(); ++i) {
          const int64_t count = values[i].count();
          const bool kept = IsKept(recipe, static_cast<int>(i), edge.mixture_row >= 0);
          bytes.kept += kept ? count * kFloat : 0;
          if (recipe.primitives()[i].kind == PrimitiveKind::kModule) {
            const int input = recipe.primitives()[i].inputs[0];
            bytes.kept += kModuleKept * std::max(count, values[input].count()) * kFloat;
          }
          if (recipe.primitives()[i].kind == PrimitiveKind::kMaxPool) bytes.kept += count * kIndex;
          largest = std::max(largest, count * kFloat);
        }
      }
    }
  }
  bytes.passing = states.back().count() * kFloat + kPassing * largest;
  return bytes;
}

}  // namespace ssnas
