// What a network is made of: blocks and how they are joined. Supernets, derived networks and
// (later) ResNets are plans; network.h runs any of them on any engine.
//
// Images N×H×W×C go through the blocks; the representation h is the global average pool of the last
// block's output (paper section 3.4), the auxiliary representation that of the auxiliary block.
#ifndef SSNAS_NETWORKS_NETWORK_PLAN_H_
#define SSNAS_NETWORKS_NETWORK_PLAN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ssnas/core/parameters.h"
#include "ssnas/core/tensor.h"
#include "ssnas/engine/block.h"
#include "ssnas/proto/architecture.pb.h"
#include "ssnas/proto/experiment.pb.h"

namespace ssnas {

enum class CellKind { kNormal = 0, kReduction = 1 };
// Input of a block that reads the images themselves.
inline constexpr int kImages = -1;

struct PlannedBlock {
  BlockPlan plan;
  std::vector<int> inputs;  // indices of earlier blocks, or kImages
  int alphas = -1;          // CellKind whose mixture weights it takes; −1: none
};

struct NetworkPlan {
  std::vector<PlannedBlock> blocks;  // in an order in which they can run
  int output = 0;                    // block whose pooled output is the representation h
  int auxiliary = -1;  // block whose pooled output is the auxiliary representation; −1: none
  // Mixture-weight matrices: rows (edges of a cell) × columns (candidates); 0 × 0 for derived
  // networks.
  int mixture_rows = 0;
  int mixture_columns = 0;

  void AddParameters(ParameterLayout* weights, ParameterLayout* running_statistics) const;
  // Channels of every block's output; InvalidArgument names the block that does not fit: one that
  // reads a later block, other channels than it takes, a mixture row that is not there.
  absl::StatusOr<std::vector<int64_t>> OutputChannels() const;
  // Output shape of every block for images of this shape.
  absl::StatusOr<std::vector<Shape4>> Shapes(const Shape4& images) const;
};

// The supernet of a search: stem with 3·C channels, reduction cells at ⌊cells/3⌋ and ⌊2·cells/3⌋
// with the channels doubled, every edge a mixture of all candidates. DARTS section 3.1.
absl::StatusOr<NetworkPlan> PlanSupernet(const SearchSpace& space, int cells, int channels,
                                         int64_t image_channels);

struct DerivedOptions {
  int cells = 20;
  int channels = 36;
  int64_t image_size = 32;
  int64_t image_channels = 3;
  NetworkSpec::Stem stem = NetworkSpec::AUTO;
  bool auxiliary = false;  // after the second reduction cell
};

// The network of a genotype, with affine norms. DARTS section 3.1 (CIFAR), 3.3 (ImageNet's stem).
// Errors say which cell, edge and operation.
absl::StatusOr<NetworkPlan> PlanDerived(const Architecture& architecture,
                                        const DerivedOptions& options);

// Larger networks than these are refused: their counts would not fit 64 bits.
inline constexpr int kMaxCells = 1000;
inline constexpr int kMaxChannels = 1 << 14;
inline constexpr int64_t kMaxImageSize = 1 << 14;
inline constexpr int64_t kMaxImageChannels = 1 << 10;

// InvalidArgument names what is out of bounds.
absl::Status CheckNetworkSize(int cells, int channels, int64_t image_channels);
absl::Status CheckImageSize(int64_t image_size);

// Reduction cells stand at ⌊cells/3⌋ and ⌊2·cells/3⌋ (with one cell: it is one; with two: both
// are).
bool IsReduction(int cell, int cells);

// What a cell reads: channels of the outputs of the two cells before it, and its own.
struct CellShape {
  int64_t channels_before_last = 0;
  int64_t channels_last = 0;
  int64_t channels = 0;
  bool reduction = false;         // halves the size
  bool reduction_before = false;  // the cell before it did
};

// A cell with its preprocessing, nodes still to come: states 0, 1 are the inputs, 2, 3 the
// preprocessed ones (so the genotype's state f is the block's state f + 2). The first is a
// FactorizedReduce behind a reduction cell.
inline constexpr int kPreprocessed = 2;
absl::StatusOr<BlockPlan> CellWithPreprocessing(const std::string& name, const CellShape& shape,
                                                bool affine);

// A block of one recipe: a stem, an auxiliary head.
PlannedBlock SingleRecipeBlock(const std::string& name, int input, const std::string& recipe_name,
                               Recipe recipe);

}  // namespace ssnas

#endif  // SSNAS_NETWORKS_NETWORK_PLAN_H_
