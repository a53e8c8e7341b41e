#include "ssnas/engine/check_block.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "ssnas/core/status_macros.h"

namespace ssnas {
namespace {

absl::Status Invalid(const BlockPlan& plan, const std::string& what) {
  return absl::InvalidArgumentError(absl::StrCat("block '", plan.name, "': ", what));
}

template <typename T>
absl::Status CheckNorms(const BlockPlan& plan, const ForwardArgs<T>& args, const EdgePlan& edge,
                        const Shape4& input) {
  for (const CandidatePlan& candidate : edge.candidates) {
    SSNAS_ASSIGN_OR_RETURN(const std::vector<Shape4> values, candidate.recipe.Shapes(input));
    for (size_t i = 0; i < values.size(); ++i) {
      const Primitive& p = candidate.recipe.primitives()[i];
      const bool module =
          p.kind == PrimitiveKind::kModule && !p.module->RunningStatistics().empty();
      if (p.kind != PrimitiveKind::kBatchNorm && !module) continue;
      if (args.norm == NormMode::kRunning) {
        if (args.running_statistics == nullptr) return Invalid(plan, "no running statistics");
      } else if (values[i].n * values[i].h * values[i].w < 2) {
        return Invalid(plan,
                       absl::StrCat(candidate.name, " normalises one value a channel by itself: ",
                                    "batches of 1 image of 1×1 pixel have no statistics"));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace

template <typename T>
absl::StatusOr<std::vector<Shape4>> CheckForward(const BlockPlan& plan, const ForwardArgs<T>& args,
                                                 const View4<T>& output) {
  std::vector<Shape4> inputs;
  for (const View4<const T>& input : args.inputs) inputs.push_back(input.shape);
  SSNAS_ASSIGN_OR_RETURN(std::vector<Shape4> shapes, plan.Shapes(inputs));
  if (!(output.shape == shapes.back())) {
    return Invalid(plan, "the output has another shape than planned");
  }
  for (const NodePlan& node : plan.nodes) {
    for (const EdgePlan& edge : node.edges) {
      if (edge.mixture_row >= 0 && args.mixture == nullptr) {
        return Invalid(plan, "no mixture weights");
      }
      SSNAS_RETURN_IF_ERROR(CheckNorms(plan, args, edge, shapes[edge.from]));
    }
  }
  return shapes;
}

template <typename T>
absl::Status CheckBackward(const BlockPlan& plan, unsigned kept, const Shape4& output,
                           const BackwardArgs<T>& args) {
  if (kept == kNoGradients || (args.gradients & ~kept) != 0) {
    return absl::FailedPreconditionError(absl::StrCat("block '", plan.name,
                                                      "': Backward for gradients ", args.gradients,
                                                      " after a Forward that kept ", kept));
  }
  if (!(args.output_gradient.shape == output)) {
    return Invalid(plan, "the output's gradient has another shape than the output");
  }
  if (((args.gradients & kWeightGradients) && args.weight_gradients == nullptr) ||
      ((args.gradients & kAlphaGradients) && args.mixture_gradients == nullptr)) {
    return Invalid(plan, "no memory for gradients that are asked for");
  }
  if ((args.gradients & kInputGradients) == 0) return absl::OkStatus();
  if (static_cast<int>(args.input_gradients.size()) != plan.inputs) {
    return Invalid(plan, "not one gradient an input");
  }
  return absl::OkStatus();
}

template absl::StatusOr<std::vector<Shape4>> CheckForward<float>(const BlockPlan&,
                                                                 const ForwardArgs<float>&,
                                                                 const View4<float>&);
template absl::StatusOr<std::vector<Shape4>> CheckForward<double>(const BlockPlan&,
                                                                  const ForwardArgs<double>&,
                                                                  const View4<double>&);
template absl::Status CheckBackward<float>(const BlockPlan&, unsigned, const Shape4&,
                                           const BackwardArgs<float>&);
template absl::Status CheckBackward<double>(const BlockPlan&, unsigned, const Shape4&,
                                            const BackwardArgs<double>&);

}  // namespace ssnas
