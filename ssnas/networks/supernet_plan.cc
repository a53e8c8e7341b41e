// The supernet of a search: every edge a mixture of all candidates.
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/networks/network_plan.h"
#include "ssnas/ops/common_recipes.h"
#include "ssnas/ops/operation.h"

namespace ssnas {
namespace {

constexpr int kMaxNodes = 64;       // of a genotype
constexpr int kStemMultiplier = 3;  // DARTS: the stem has 3·C channels

using Operations = std::vector<std::pair<std::string, std::unique_ptr<Operation>>>;

absl::StatusOr<Operations> Candidates(const SearchSpace& space) {
  Operations operations;
  for (const PluginSpec& candidate : space.candidate()) {
    SSNAS_ASSIGN_OR_RETURN(std::unique_ptr<Operation> operation,
                           CreatePlugin<Operation>(candidate));
    for (const auto& [name, unused] : operations) {
      if (name == candidate.name()) {
        return absl::InvalidArgumentError(absl::StrCat("space.candidate names '", name, "' twice"));
      }
    }
    operations.emplace_back(candidate.name(), std::move(operation));
  }
  if (operations.empty()) return absl::InvalidArgumentError("space.candidate names no operation");
  return operations;
}

absl::StatusOr<EdgePlan> MixedEdge(const Operations& operations, int from, int stride,
                                   int64_t channels, int row) {
  EdgePlan edge{.from = from + kPreprocessed, .mixture_row = row};
  for (const auto& [name, operation] : operations) {
    SSNAS_ASSIGN_OR_RETURN(
        Recipe recipe,
        operation->BuildRecipe({.phase = Phase::kSearch, .stride = stride, .channels = channels}));
    edge.candidates.push_back({name, std::move(recipe)});
  }
  return edge;
}

absl::StatusOr<BlockPlan> MixedCell(const Operations& operations, const std::string& name,
                                    int nodes, const CellShape& shape) {
  SSNAS_ASSIGN_OR_RETURN(BlockPlan plan, CellWithPreprocessing(name, shape, /*affine=*/false));
  int row = 0;
  for (int node = 0; node < nodes; ++node) {
    NodePlan planned;
    for (int from = 0; from < node + 2; ++from) {
      const int stride = shape.reduction && from < 2 ? 2 : 1;
      SSNAS_ASSIGN_OR_RETURN(EdgePlan edge,
                             MixedEdge(operations, from, stride, shape.channels, row++));
      planned.edges.push_back(std::move(edge));
    }
    plan.nodes.push_back(std::move(planned));
    plan.concat.push_back(2 + kPreprocessed + node);
  }
  return plan;
}

}  // namespace

absl::StatusOr<NetworkPlan> PlanSupernet(const SearchSpace& space, int cells, int channels,
                                         int64_t image_channels) {
  SSNAS_RETURN_IF_ERROR(CheckNetworkSize(cells, channels, image_channels));
  if (space.nodes() < 1 || space.nodes() > kMaxNodes) {
    return absl::InvalidArgumentError(
        absl::StrCat("cells of ", space.nodes(), " nodes; they have 1 to ", kMaxNodes));
  }
  SSNAS_ASSIGN_OR_RETURN(const Operations operations, Candidates(space));
  const int nodes = space.nodes();
  NetworkPlan plan;
  plan.mixture_rows = nodes * (nodes + 3) / 2;
  plan.mixture_columns = static_cast<int>(operations.size());
  const int64_t stem = int64_t{kStemMultiplier} * channels;
  plan.blocks.push_back(
      SingleRecipeBlock("stem", kImages, "cifar", CifarStem(image_channels, stem)));
  CellShape shape{.channels_before_last = stem, .channels_last = stem, .channels = channels};
  for (int cell = 0; cell < cells; ++cell) {
    shape.reduction = IsReduction(cell, cells);
    if (shape.reduction) shape.channels *= 2;
    SSNAS_ASSIGN_OR_RETURN(BlockPlan block,
                           MixedCell(operations, absl::StrCat("cells.", cell), nodes, shape));
    plan.blocks.push_back(
        {.plan = std::move(block),
         .inputs = {cell < 2 ? 0 : cell - 1, cell},
         .alphas = static_cast<int>(shape.reduction ? CellKind::kReduction : CellKind::kNormal)});
    shape.reduction_before = shape.reduction;
    shape.channels_before_last = shape.channels_last;
    shape.channels_last = nodes * shape.channels;
  }
  plan.output = cells;
  return plan;
}

}  // namespace ssnas
