#include "ssnas/networks/counting.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "ssnas/core/parameters.h"
#include "ssnas/core/status_macros.h"

namespace ssnas {
namespace {

constexpr int kMaxClasses = 1 << 20;

absl::Status AddTo(int64_t more, int64_t* sum) {
  if (!__builtin_add_overflow(*sum, more, sum)) return absl::OkStatus();
  return absl::InvalidArgumentError("this network needs more multiply-adds than 64 bits can count");
}

absl::StatusOr<BlockWork> CountBlock(const BlockPlan& plan, const std::vector<Shape4>& inputs) {
  SSNAS_ASSIGN_OR_RETURN(const std::vector<Shape4> states, plan.Shapes(inputs));
  BlockWork work{.name = plan.name, .output = states.back()};
  ParameterLayout weights, running_statistics;
  plan.AddParameters(&weights, &running_statistics);
  work.parameters = weights.size();
  for (const NodePlan& node : plan.nodes) {
    for (const EdgePlan& edge : node.edges) {
      for (const CandidatePlan& candidate : edge.candidates) {
        SSNAS_ASSIGN_OR_RETURN(const int64_t macs,
                               candidate.recipe.MultiplyAdds(states[edge.from]));
        SSNAS_RETURN_IF_ERROR(AddTo(macs, &work.multiply_adds));
      }
    }
  }
  return work;
}

}  // namespace

absl::StatusOr<NetworkWork> CountWork(const NetworkPlan& plan, int64_t image_size,
                                      int64_t image_channels, int num_classes) {
  SSNAS_RETURN_IF_ERROR(CheckImageSize(image_size));
  if (num_classes < 0 || num_classes > kMaxClasses) {
    return absl::InvalidArgumentError(
        absl::StrCat(num_classes, " classes; there can be 0 to ", kMaxClasses));
  }
  const Shape4 images{1, image_size, image_size, image_channels};
  SSNAS_ASSIGN_OR_RETURN(const std::vector<Shape4> outputs, plan.Shapes(images));
  NetworkWork work;
  for (size_t i = 0; i < plan.blocks.size(); ++i) {
    if (static_cast<int>(i) == plan.auxiliary) continue;
    std::vector<Shape4> inputs;
    for (const int input : plan.blocks[i].inputs) {
      inputs.push_back(input == kImages ? images : outputs[input]);
    }
    SSNAS_ASSIGN_OR_RETURN(BlockWork block, CountBlock(plan.blocks[i].plan, inputs));
    work.parameters += block.parameters;
    SSNAS_RETURN_IF_ERROR(AddTo(block.multiply_adds, &work.multiply_adds));
    work.blocks.push_back(std::move(block));
  }
  work.representation_size = outputs[plan.output].c;
  work.alphas = 2 * int64_t{plan.mixture_rows} * plan.mixture_columns;
  work.parameters += num_classes * (work.representation_size + 1);
  SSNAS_RETURN_IF_ERROR(AddTo(num_classes * work.representation_size, &work.multiply_adds));
  return work;
}

}  // namespace ssnas
