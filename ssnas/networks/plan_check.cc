// Whether the blocks of a plan fit together, and what comes out of each.
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/networks/network_plan.h"

namespace ssnas {
namespace {

constexpr int64_t kUnknown = -1;  // channels of the images, until a recipe says

absl::Status BlockError(const BlockPlan& plan, const std::string& what) {
  return absl::InvalidArgumentError(absl::StrCat("block '", plan.name, "': ", what));
}

absl::Status CheckMixture(const NetworkPlan& plan, const PlannedBlock& block,
                          const EdgePlan& edge) {
  if (edge.mixture_row < 0) return absl::OkStatus();
  if (block.alphas < 0 || block.alphas > 1 || edge.mixture_row >= plan.mixture_rows ||
      static_cast<int>(edge.candidates.size()) != plan.mixture_columns) {
    return BlockError(block.plan,
                      absl::StrCat("mixture row ", edge.mixture_row, " of ", edge.candidates.size(),
                                   " candidates in alphas ", block.alphas));
  }
  return absl::OkStatus();
}

// Channels that an edge gives; sets those of its state where they are not known.
absl::StatusOr<int64_t> EdgeChannels(const BlockPlan& plan, const EdgePlan& edge,
                                     std::vector<int64_t>* states) {
  if (edge.from < 0 || edge.from >= static_cast<int>(states->size()) || edge.candidates.empty()) {
    return BlockError(plan, absl::StrCat("an edge from state ", edge.from, " with ",
                                         edge.candidates.size(), " candidates"));
  }
  int64_t& in = (*states)[edge.from];
  for (const CandidatePlan& candidate : edge.candidates) {
    if (in == kUnknown) in = candidate.recipe.in_channels();
    if (candidate.recipe.in_channels() != in) {
      return BlockError(plan,
                        absl::StrCat(candidate.name, " takes ", candidate.recipe.in_channels(),
                                     " channels, state ", edge.from, " has ", in));
    }
  }
  return edge.candidates[0].recipe.out_channels();
}

absl::StatusOr<int64_t> BlockChannels(const NetworkPlan& plan, const PlannedBlock& block,
                                      std::vector<int64_t> states) {
  if (static_cast<int>(states.size()) != block.plan.inputs) {
    return BlockError(block.plan,
                      absl::StrCat(block.plan.inputs, " inputs, joined to ", states.size()));
  }
  for (const NodePlan& node : block.plan.nodes) {
    if (node.edges.empty()) return BlockError(block.plan, "a node without edges");
    int64_t channels = 0;
    for (const EdgePlan& edge : node.edges) {
      SSNAS_RETURN_IF_ERROR(CheckMixture(plan, block, edge));
      SSNAS_ASSIGN_OR_RETURN(channels, EdgeChannels(block.plan, edge, &states));
    }
    states.push_back(channels);
  }
  int64_t output = 0;
  for (const int state : block.plan.concat) {
    if (state < 0 || state >= static_cast<int>(states.size())) {
      return BlockError(block.plan,
                        absl::StrCat("its output holds state ", state, " of ", states.size()));
    }
    output += states[state];
  }
  return output;
}

absl::Status CheckRange(absl::string_view what, int64_t value, int64_t largest) {
  if (value >= 1 && value <= largest) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("a network of ", value, " ", what, "; there can be 1 to ", largest));
}

}  // namespace

absl::Status CheckNetworkSize(int cells, int channels, int64_t image_channels) {
  SSNAS_RETURN_IF_ERROR(CheckRange("cells", cells, kMaxCells));
  SSNAS_RETURN_IF_ERROR(CheckRange("channels", channels, kMaxChannels));
  return CheckRange("image channels", image_channels, kMaxImageChannels);
}

absl::Status CheckImageSize(int64_t image_size) {
  if (image_size >= 1 && image_size <= kMaxImageSize) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("images of ", image_size, "×", image_size,
                                                 " pixels; a side is from 1 to ", kMaxImageSize));
}

absl::StatusOr<std::vector<int64_t>> NetworkPlan::OutputChannels() const {
  const int count = static_cast<int>(blocks.size());
  if (output < 0 || output >= count || auxiliary >= count) {
    return absl::InvalidArgumentError(absl::StrCat("a plan of ", count, " blocks with output ",
                                                   output, " and auxiliary ", auxiliary));
  }
  std::vector<int64_t> channels;
  for (int i = 0; i < count; ++i) {
    std::vector<int64_t> inputs;
    for (const int input : blocks[i].inputs) {
      if (input < kImages || input >= i) {
        return BlockError(blocks[i].plan,
                          absl::StrCat("it reads block ", input, ", which does not run before it"));
      }
      inputs.push_back(input == kImages ? kUnknown : channels[input]);
    }
    SSNAS_ASSIGN_OR_RETURN(const int64_t own, BlockChannels(*this, blocks[i], std::move(inputs)));
    channels.push_back(own);
  }
  return channels;
}

}  // namespace ssnas
