#include "ssnas/ops/testing/operation_case.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ssnas/core/registry.h"
#include "ssnas/core/status_macros.h"

namespace ssnas {

Shape4 OperationCase::output() const {
  const int64_t half = (size + stride - 1) / stride;
  return {batch, half, half, channels};
}

std::string OperationCase::Name() const {
  return absl::StrCat("batch", batch, "_size", size, "_channels", channels, "_stride", stride,
                      phase == Phase::kSearch ? "_search" : "_derived");
}

std::vector<OperationCase> ConformanceCases() {
  std::vector<OperationCase> cases;
  for (const Phase phase : {Phase::kSearch, Phase::kDerived}) {
    for (const int stride : {1, 2}) {
      for (const int64_t size : {1, 2, 3, 5, 8}) {
        // Small sizes need images enough for the statistics of a batch.
        cases.push_back({.batch = size < 3 ? 6 : 2,
                         .size = size,
                         .channels = size % 2 == 0 ? 4 : 3,
                         .stride = stride,
                         .phase = phase});
      }
    }
  }
  return cases;
}

absl::StatusOr<BlockPlan> PlanOperation(const std::string& name, const OperationCase& where,
                                        bool mixture) {
  PluginSpec spec;
  spec.set_name(name);
  SSNAS_ASSIGN_OR_RETURN(const std::unique_ptr<Operation> operation, CreatePlugin<Operation>(spec));
  SSNAS_ASSIGN_OR_RETURN(Recipe recipe,
                         operation->BuildRecipe({where.phase, where.stride, where.channels}));
  BlockPlan plan{.name = "block", .concat = {1}};
  plan.nodes.push_back(
      {{{.candidates = {{name, std::move(recipe)}}, .mixture_row = mixture ? 0 : -1}}});
  return plan;
}

}  // namespace ssnas
