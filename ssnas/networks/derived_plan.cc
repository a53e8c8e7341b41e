// The network of a genotype.
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/networks/genotype.h"
#include "ssnas/networks/network_plan.h"
#include "ssnas/ops/common_recipes.h"
#include "ssnas/ops/operation.h"

namespace ssnas {
namespace {

constexpr int kStemMultiplier = 3;          // DARTS: CIFAR's stem has 3·C channels
constexpr int64_t kImageNetFromSize = 128;  // AUTO: from this image size on ImageNet's stem

absl::StatusOr<EdgePlan> DerivedEdge(const Edge& edge, const CellShape& shape) {
  SSNAS_ASSIGN_OR_RETURN(const std::unique_ptr<Operation> operation,
                         CreatePlugin<Operation>(edge.operation()));
  const int stride = shape.reduction && edge.from() < 2 ? 2 : 1;
  SSNAS_ASSIGN_OR_RETURN(
      Recipe recipe, operation->BuildRecipe(
                         {.phase = Phase::kDerived, .stride = stride, .channels = shape.channels}));
  EdgePlan planned{.from = edge.from() + kPreprocessed};
  planned.drop_path = !recipe.IsIdentity();
  planned.candidates.push_back({edge.operation().name(), std::move(recipe)});
  return planned;
}

absl::StatusOr<BlockPlan> DerivedCell(const CellGenotype& cell, const std::string& name,
                                      const CellShape& shape) {
  const absl::StatusOr<int> checked = CheckCell(cell);
  if (!checked.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(shape.reduction ? "reduction" : "normal",
                                                   " cell: ", checked.status().message()));
  }
  const int nodes = *checked;
  SSNAS_ASSIGN_OR_RETURN(BlockPlan plan, CellWithPreprocessing(name, shape, /*affine=*/true));
  plan.nodes.resize(2 + nodes);
  for (const Edge& edge : cell.edge()) {
    absl::StatusOr<EdgePlan> planned = DerivedEdge(edge, shape);
    if (!planned.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(name, ", ", edge.operation().name(),
                                                     " from state ", edge.from(), " to ", edge.to(),
                                                     ": ", planned.status().message()));
    }
    plan.nodes[edge.to()].edges.push_back(*std::move(planned));
  }
  for (const int state : cell.concat()) plan.concat.push_back(state + kPreprocessed);
  if (plan.concat.empty()) {
    for (int node = 0; node < nodes; ++node) plan.concat.push_back(2 + kPreprocessed + node);
  }
  return plan;
}

// Stem blocks; the last two outputs feed the first cell.
struct Stem {
  std::vector<PlannedBlock> blocks;
  int before_last = 0, last = 0;  // blocks
  CellShape shape;                // of the first cell, channels not yet doubled
};

absl::StatusOr<Stem> MakeStem(const DerivedOptions& options, bool imagenet) {
  Stem stem;
  const int64_t c = options.channels;
  if (!imagenet) {
    const int64_t out = kStemMultiplier * c;
    stem.blocks.push_back(
        SingleRecipeBlock("stem", kImages, "cifar", CifarStem(options.image_channels, out)));
    stem.shape = {.channels_before_last = out, .channels_last = out, .channels = c};
    return stem;
  }
  if (c < 2) return absl::InvalidArgumentError("ImageNet's stem needs at least 2 channels");
  stem.blocks.push_back(
      SingleRecipeBlock("stem0", kImages, "imagenet0", ImageNetStem0(options.image_channels, c)));
  stem.blocks.push_back(SingleRecipeBlock("stem1", 0, "imagenet1", ImageNetStem1(c)));
  stem.last = 1;
  // stem1 halves what stem0 gives, so the first cell's first input is reduced, as behind a
  // reduction cell.
  stem.shape = {
      .channels_before_last = c, .channels_last = c, .channels = c, .reduction_before = true};
  return stem;
}

absl::Status AddAuxiliary(const DerivedOptions& options, bool imagenet, int block,
                          NetworkPlan* plan) {
  SSNAS_ASSIGN_OR_RETURN(
      const std::vector<Shape4> shapes,
      plan->Shapes({1, options.image_size, options.image_size, options.image_channels}));
  SSNAS_ASSIGN_OR_RETURN(
      Recipe recipe, AuxiliaryHead(shapes[block].c, shapes[block].h,
                                   imagenet ? AuxiliaryNorm::kFirstOnly : AuxiliaryNorm::kBoth));
  plan->auxiliary = static_cast<int>(plan->blocks.size());
  plan->blocks.push_back(SingleRecipeBlock("auxiliary", block, "head", std::move(recipe)));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<NetworkPlan> PlanDerived(const Architecture& architecture,
                                        const DerivedOptions& options) {
  SSNAS_RETURN_IF_ERROR(CheckNetworkSize(options.cells, options.channels, options.image_channels));
  SSNAS_RETURN_IF_ERROR(CheckImageSize(options.image_size));
  const bool imagenet =
      options.stem == NetworkSpec::IMAGENET ||
      (options.stem == NetworkSpec::AUTO && options.image_size >= kImageNetFromSize);
  SSNAS_ASSIGN_OR_RETURN(Stem stem, MakeStem(options, imagenet));
  NetworkPlan plan;
  plan.blocks = std::move(stem.blocks);
  CellShape shape = stem.shape;
  int before_last = stem.before_last, last = stem.last;
  int auxiliary_after = -1;
  for (int cell = 0; cell < options.cells; ++cell) {
    shape.reduction = IsReduction(cell, options.cells);
    if (shape.reduction) shape.channels *= 2;
    const CellGenotype& genotype =
        shape.reduction ? architecture.reduction() : architecture.normal();
    SSNAS_ASSIGN_OR_RETURN(BlockPlan block,
                           DerivedCell(genotype, absl::StrCat("cells.", cell), shape));
    const int64_t states = static_cast<int64_t>(block.concat.size());
    plan.blocks.push_back({.plan = std::move(block), .inputs = {before_last, last}});
    before_last = last;
    last = static_cast<int>(plan.blocks.size()) - 1;
    if (cell == 2 * options.cells / 3) auxiliary_after = last;
    shape.reduction_before = shape.reduction;
    shape.channels_before_last = shape.channels_last;
    shape.channels_last = states * shape.channels;
  }
  plan.output = last;
  if (options.auxiliary) {
    SSNAS_RETURN_IF_ERROR(AddAuxiliary(options, imagenet, auxiliary_after, &plan));
  }
  return plan;
}

}  // namespace ssnas
