// The engine interface: a block of a network (stem, cell, auxiliary head), forward and backward.
//
// A block is a small graph of states. States 0 … inputs − 1 come in; every node adds one: the sum
// over its edges of Σ_o mixture[row, o] · o(state), or of the edge's one operation where it has no
// mixture. The output concatenates some states along channels. Cells (with their preprocessing as
// the first two nodes), stems and auxiliary heads are all blocks, so an engine implements one
// thing.
//
// Weights, running statistics and mixture weights come as flat buffers (core/parameters.h);
// gradients are *added* to flat buffers of the same layout. An engine shows no autograd: Forward
// keeps what Backward needs, Backward releases it. Reference and fused engines implement this;
// networks cannot tell them apart. Source: docs/architecture.md; paper sections 3.1–3.2 (DARTS'
// continuous relaxation).
#ifndef SSNAS_ENGINE_BLOCK_H_
#define SSNAS_ENGINE_BLOCK_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ssnas/core/parallel_for.h"
#include "ssnas/core/parameters.h"
#include "ssnas/core/tensor.h"
#include "ssnas/ops/recipe.h"

namespace ssnas {

struct CandidatePlan {
  std::string name;  // "sep_conv_3x3"
  Recipe recipe;
  std::string prefix = {};  // of its tensors, where it is not that of its place
};

struct EdgePlan {
  int from = 0;  // state
  std::vector<CandidatePlan> candidates = {};
  // Row of the mixture-weight matrix, one column a candidate; −1: a single candidate, taken as it
  // is.
  int mixture_row = -1;
  // The edge's output is scaled by drop_path[edge, image] when that is given; never set for
  // identities.
  bool drop_path = false;
};

struct NodePlan {
  std::vector<EdgePlan> edges;
};

struct BlockPlan {
  std::string name = {};  // prefix of its parameters: "cells.3"
  int inputs = 1;
  std::vector<NodePlan> nodes = {};
  std::vector<int> concat = {};  // states

  // Edges in the order of nodes; the first index of drop_path.
  int EdgeCount() const;
  // Shape of every state, then of the output, for these inputs.
  absl::StatusOr<std::vector<Shape4>> Shapes(const std::vector<Shape4>& inputs) const;
  // "cells.3.edge_2_4.sep_conv_3x3." in front of every tensor of that candidate: unique in a
  // network. A second edge between the same two states gets "edge_2_4_b", then "_c".
  std::string CandidatePrefix(int node, int edge, int candidate) const;
  // Adds this block's tensors.
  void AddParameters(ParameterLayout* weights, ParameterLayout* running_statistics) const;
};

// What a backward pass is asked for; bits.
enum GradientMask : unsigned {
  kNoGradients = 0,
  kWeightGradients = 1,
  kAlphaGradients = 2,  // of the mixture weights
  kInputGradients = 4,
};

enum class NormMode {
  kBatch,           // statistics of the batch
  kBatchAndUpdate,  // the same, and running statistics move by momentum 0.1 (unbiased variance)
  kRunning,         // running statistics (evaluation)
};

template <typename T>
struct ForwardArgs {
  std::vector<View4<const T>> inputs = {};
  const T* weights = nullptr;
  const T* mixture = nullptr;  // rows × candidates, row-major; null without mixtures
  T* running_statistics = nullptr;
  NormMode norm = NormMode::kBatch;
  const T* drop_path = nullptr;       // edges × images, scale of each; null: no drop-path
  unsigned gradients = kNoGradients;  // what Backward will be asked for, at most
};

template <typename T>
struct BackwardArgs {
  View4<const T> output_gradient = {};
  unsigned gradients = kNoGradients;
  T* weight_gradients = nullptr;   // +=, layout of the weights
  T* mixture_gradients = nullptr;  // +=
  // +=; a null data pointer: not wanted. Two inputs may share memory (a network's first cell reads
  // the stem twice): an engine adds to each in turn and never assumes that they are apart.
  std::vector<View4<T>> input_gradients = {};
  // Inputs whose gradient nothing was added to yet: their memory holds anything, and is written
  // instead. Empty: none. Never set for memory that two inputs share.
  std::vector<bool> input_gradients_begin = {};

  bool Begins(int input) const {
    return !input_gradients_begin.empty() && input_gradients_begin[input];
  }
};

template <typename T>
class Block {
 public:
  virtual ~Block() = default;
  // Writes the output (shape as planned). Where gradients are asked for, the inputs stay as they
  // are until Backward has returned or Forward is called again: blocks keep no copies of them. All
  // other views of `args` need only live during the call.
  virtual absl::Status Forward(const ForwardArgs<T>& args, View4<T> output) = 0;
  // For the latest Forward with these gradients; FailedPrecondition without one.
  virtual absl::Status Backward(const BackwardArgs<T>& args) = 0;
};

// Bytes of one block during a training step.
struct BlockMemory {
  int64_t kept = 0;     // from its forward pass to its backward pass
  int64_t passing = 0;  // at most at once beside that, while it runs
};

template <typename T>
class Engine {
 public:
  virtual ~Engine() = default;
  virtual std::string name() const = 0;
  // What a pass forward and back with all gradients takes, for inputs of these shapes.
  virtual absl::StatusOr<BlockMemory> Memory(const BlockPlan& plan,
                                             const std::vector<Shape4>& inputs) const = 0;
  // Layouts hold the block's tensors already and outlive the block.
  virtual absl::StatusOr<std::unique_ptr<Block<T>>> Build(
      const BlockPlan& plan, const ParameterLayout& weights,
      const ParameterLayout& running_statistics) = 0;
};

}  // namespace ssnas

#endif  // SSNAS_ENGINE_BLOCK_H_
