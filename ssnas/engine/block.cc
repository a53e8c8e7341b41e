#include "ssnas/engine/block.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "ssnas/core/logging.h"
#include "ssnas/core/status_macros.h"

namespace ssnas {
namespace {

std::string ShapeText(const Shape4& shape) {
  return absl::StrCat(shape.n, "×", shape.h, "×", shape.w, "×", shape.c);
}

// "" for the first of its kind, then "_b", "_c", …
std::string RepeatSuffix(int earlier) {
  CHECK_LT(earlier, 26) << "more repeats than letters";
  return earlier == 0 ? "" : std::string("_") + static_cast<char>('a' + earlier);
}

absl::Status PlanError(const BlockPlan& plan, int node, const std::string& what) {
  return absl::InvalidArgumentError(
      absl::StrCat("block '", plan.name, "', node ", plan.inputs + node, ": ", what));
}

// Shape of what one edge gives, the same for all its candidates.
absl::StatusOr<Shape4> EdgeShape(const BlockPlan& plan, int node, const EdgePlan& edge,
                                 const std::vector<Shape4>& states) {
  if (edge.from < 0 || edge.from >= static_cast<int>(states.size())) {
    return PlanError(
        plan, node,
        absl::StrCat("an edge from state ", edge.from, ", which does not come before it"));
  }
  if (edge.candidates.empty() || (edge.mixture_row < 0 && edge.candidates.size() != 1)) {
    return PlanError(
        plan, node,
        absl::StrCat("an edge from state ", edge.from, " with ", edge.candidates.size(),
                     " candidates and mixture row ", edge.mixture_row));
  }
  Shape4 shape;
  for (size_t i = 0; i < edge.candidates.size(); ++i) {
    const CandidatePlan& candidate = edge.candidates[i];
    const absl::StatusOr<std::vector<Shape4>> values = candidate.recipe.Shapes(states[edge.from]);
    if (!values.ok()) {
      return PlanError(
          plan, node,
          absl::StrCat(candidate.name, " from state ", edge.from, ": ", values.status().message()));
    }
    const Shape4 own = (*values)[candidate.recipe.output()];
    if (i > 0 && !(own == shape)) {
      return PlanError(
          plan, node,
          absl::StrCat(candidate.name, " from state ", edge.from, " gives ", ShapeText(own), ", ",
                       edge.candidates[0].name, " ", ShapeText(shape)));
    }
    shape = own;
  }
  return shape;
}

absl::StatusOr<Shape4> NodeShape(const BlockPlan& plan, int node,
                                 const std::vector<Shape4>& states) {
  if (plan.nodes[node].edges.empty()) return PlanError(plan, node, "it has no edges");
  Shape4 shape;
  for (size_t i = 0; i < plan.nodes[node].edges.size(); ++i) {
    const EdgePlan& edge = plan.nodes[node].edges[i];
    SSNAS_ASSIGN_OR_RETURN(const Shape4 own, EdgeShape(plan, node, edge, states));
    if (i > 0 && !(own == shape)) {
      return PlanError(plan, node,
                       absl::StrCat("the edge from state ", edge.from, " gives ", ShapeText(own),
                                    ", those before ", ShapeText(shape)));
    }
    shape = own;
  }
  return shape;
}

absl::StatusOr<Shape4> ConcatShape(const BlockPlan& plan, const std::vector<Shape4>& states) {
  Shape4 output;
  for (const int state : plan.concat) {
    if (state < 0 || state >= static_cast<int>(states.size())) {
      return absl::InvalidArgumentError(absl::StrCat("block '", plan.name, "' concatenates state ",
                                                     state, ", of ", states.size(), " states"));
    }
    const Shape4& shape = states[state];
    if (output.c > 0 && (shape.n != output.n || shape.h != output.h || shape.w != output.w)) {
      return absl::InvalidArgumentError(
          absl::StrCat("block '", plan.name, "' concatenates states of different sizes: ",
                       ShapeText(states[plan.concat[0]]), " and ", ShapeText(shape)));
    }
    output = {shape.n, shape.h, shape.w, output.c + shape.c};
  }
  if (output.c == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("block '", plan.name, "' concatenates no state"));
  }
  return output;
}

}  // namespace

int BlockPlan::EdgeCount() const {
  int count = 0;
  for (const NodePlan& node : nodes) count += static_cast<int>(node.edges.size());
  return count;
}

absl::StatusOr<std::vector<Shape4>> BlockPlan::Shapes(
    const std::vector<Shape4>& input_shapes) const {
  if (static_cast<int>(input_shapes.size()) != inputs) {
    return absl::InvalidArgumentError(
        absl::StrCat("block '", name, "' takes ", inputs, " inputs, not ", input_shapes.size()));
  }
  std::vector<Shape4> states = input_shapes;
  for (size_t node = 0; node < nodes.size(); ++node) {
    SSNAS_ASSIGN_OR_RETURN(const Shape4 shape, NodeShape(*this, static_cast<int>(node), states));
    states.push_back(shape);
  }
  SSNAS_ASSIGN_OR_RETURN(const Shape4 output, ConcatShape(*this, states));
  states.push_back(output);
  return states;
}

std::string BlockPlan::CandidatePrefix(int node, int edge, int candidate) const {
  const std::vector<EdgePlan>& edges = nodes[node].edges;
  const std::vector<CandidatePlan>& candidates = edges[edge].candidates;
  if (!candidates[candidate].prefix.empty()) return candidates[candidate].prefix;
  int same_edge = 0;
  for (int i = 0; i < edge; ++i) same_edge += edges[i].from == edges[edge].from;
  // One operation may be a candidate twice, with two configs.
  int same_name = 0;
  for (int i = 0; i < candidate; ++i) same_name += candidates[i].name == candidates[candidate].name;
  return absl::StrCat(name, ".edge_", edges[edge].from, "_", inputs + node, RepeatSuffix(same_edge),
                      ".", candidates[candidate].name, RepeatSuffix(same_name), ".");
}

void BlockPlan::AddParameters(ParameterLayout* weights, ParameterLayout* running_statistics) const {
  for (size_t n = 0; n < nodes.size(); ++n) {
    for (size_t e = 0; e < nodes[n].edges.size(); ++e) {
      const std::vector<CandidatePlan>& candidates = nodes[n].edges[e].candidates;
      for (size_t c = 0; c < candidates.size(); ++c) {
        const std::string prefix =
            CandidatePrefix(static_cast<int>(n), static_cast<int>(e), static_cast<int>(c));
        for (ParameterSpec& spec : candidates[c].recipe.Parameters()) {
          spec.name = prefix + spec.name;
          weights->Add(std::move(spec));
        }
        for (ParameterSpec& spec : candidates[c].recipe.RunningStatistics()) {
          spec.name = prefix + spec.name;
          running_statistics->Add(std::move(spec));
        }
      }
    }
  }
}

}  // namespace ssnas
