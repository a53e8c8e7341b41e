#include "ssnas/networks/network_plan.h"

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/ops/common_recipes.h"

namespace ssnas {

void NetworkPlan::AddParameters(ParameterLayout* weights,
                                ParameterLayout* running_statistics) const {
  for (const PlannedBlock& block : blocks) {
    block.plan.AddParameters(weights, running_statistics);
  }
}

absl::StatusOr<std::vector<Shape4>> NetworkPlan::Shapes(const Shape4& images) const {
  // The blocks are joined as they should be.
  SSNAS_RETURN_IF_ERROR(OutputChannels().status());
  std::vector<Shape4> outputs;
  for (size_t i = 0; i < blocks.size(); ++i) {
    std::vector<Shape4> inputs;
    for (const int input : blocks[i].inputs) {
      inputs.push_back(input == kImages ? images : outputs[input]);
    }
    SSNAS_ASSIGN_OR_RETURN(const std::vector<Shape4> states, blocks[i].plan.Shapes(inputs));
    outputs.push_back(states.back());
  }
  return outputs;
}

bool IsReduction(int cell, int cells) { return cell == cells / 3 || cell == 2 * cells / 3; }

PlannedBlock SingleRecipeBlock(const std::string& name, int input, const std::string& recipe_name,
                               Recipe recipe) {
  PlannedBlock block;
  block.plan.name = name;
  block.plan.inputs = 1;
  EdgePlan edge;
  edge.from = 0;
  edge.candidates.push_back({recipe_name, std::move(recipe)});
  block.plan.nodes.push_back({{std::move(edge)}});
  block.plan.concat = {1};
  block.inputs = {input};
  return block;
}

absl::StatusOr<BlockPlan> CellWithPreprocessing(const std::string& name, const CellShape& shape,
                                                bool affine) {
  BlockPlan plan;
  plan.name = name;
  plan.inputs = 2;
  Recipe first = ReluConvBn(shape.channels_before_last, shape.channels, 1, 1, 0, affine);
  if (shape.reduction_before) {
    SSNAS_ASSIGN_OR_RETURN(first,
                           FactorizedReduce(shape.channels_before_last, shape.channels, affine));
  }
  EdgePlan before_last{.from = 0};
  before_last.candidates.push_back({"preprocess0", std::move(first)});
  EdgePlan last{.from = 1};
  last.candidates.push_back(
      {"preprocess1", ReluConvBn(shape.channels_last, shape.channels, 1, 1, 0, affine)});
  plan.nodes.push_back({{std::move(before_last)}});
  plan.nodes.push_back({{std::move(last)}});
  return plan;
}

}  // namespace ssnas
