// What a block comes down to for the fused engine: values, the padded copies that convolutions
// read, and the terms that nodes sum up.
//
// A *value* is something that is computed: a state of the block, the output of one or more
// convolutions, a pool or a copy; with a norm behind it where the recipe has one. Consumers see
// its *face*, norm(z), which is never stored: a norm is a factor and a summand a channel, folded
// into whatever reads the value. A *pad* is relu?(face) with zeros around it, made once for all
// convolutions that read it. A *term* is a value's share of a node.
//
// A *module* is a value that another engine computes from one other value: the program holds a
// block of it for that engine.
//
// Values without parameters are shared: ReLU, pools and their norms are computed once for all
// edges that leave a state.
//
//     sep_conv_3x3 from state 2:  pad 0 = relu(state 2)        shared with every edge from state 2
//                                 value 7 = dw 3×3, pw (pad 0), norm
//                                 pad 4 = relu(face 7)          its only reader's own
//                                 value 8 = dw 3×3, pw (pad 4), norm
//                                 term: w · face 8
#ifndef SSNAS_ENGINE_FUSED_PROGRAM_H_
#define SSNAS_ENGINE_FUSED_PROGRAM_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "ssnas/core/parameters.h"
#include "ssnas/engine/block.h"

namespace ssnas::fused {

// relu?(face of value), seen from pixel (shift, shift) on, zero past the edge.
struct Activation {
  int value = -1;
  bool relu = false;
  int shift = 0;

  bool operator==(const Activation&) const = default;
  bool plain() const { return !relu && shift == 0; }
};

// Offsets into the flat buffers.
struct NormPlan {
  struct Running {
    int64_t mean, variance;
  };
  int64_t scale = -1, bias = -1;  // −1: not affine
  // Several where edges share one norm in training; their running statistics move alike.
  std::vector<Running> running = {};
};

struct ConvPlan {
  int pad = -1;
  int kernel = 1, stride = 1, dilation = 1, padding = 0, shift = 0;
  int64_t depthwise = -1;  // offset of the filters, channels × k × k; −1: none
  int64_t gemm = -1;       // offset of the matrix, out × in (× k × k); −1: depthwise alone
  int64_t in_channels = 0, out_channels = 0;
  int64_t first_channel = 0;  // of the value, where several convolutions are concatenated

  bool dense() const { return depthwise < 0 && kernel > 1; }
  bool pointwise() const {
    return depthwise < 0 && kernel == 1 && stride == 1 && padding == 0 && shift == 0;
  }
  int taps() const { return kernel * kernel; }
};

enum class ValueKind { kState, kConvs, kMaxPool, kAveragePool, kCopy, kModule };

// How the gradient of a value comes together.
enum class GradientKind {
  kTerms,   // only nodes read it: a weighted sum of their gradients, never stored
  kGated,   // a norm that one pad or copy reads: stored as that one's backward pass writes it
  kBuffer,  // added up by all its readers
};

struct ValuePlan {
  ValueKind kind = ValueKind::kState;
  int64_t channels = 0;
  std::vector<ConvPlan> convs = {};
  std::vector<Activation> inputs = {};  // pools, modules: one; copies: concatenated
  int kernel = 1, stride = 1, padding = 0;
  bool zero = false;  // a copy of nothing, of its input's size divided by the stride
  bool held = false;  // a module reads it: stays in memory until the backward pass
  int module = -1;    // of Program::modules
  std::optional<NormPlan> norm = {};
  GradientKind gradient = GradientKind::kBuffer;
};

struct PadPlan {
  Activation input = {};  // shift is the convolutions' own
  int stride = 1;
  int64_t channels = 0;
  bool shared = false;  // read by more than one value: kept for all images
  // Read by pointwise convolutions alone, of one value: its rows are made where they are read.
  bool by_row = false;
};

struct TermPlan {
  int value = -1;
  int64_t mixture = -1;  // index into the mixture weights; −1: factor 1
};

// What has to be computed before an edge, in order.
struct StepPlan {
  bool pad = false;
  int index = -1;
};

struct EdgeSteps {
  int node = 0;  // state
  int from = 0;  // state
  int edge = 0;  // first index of drop_path
  bool drop_path = false;
  std::vector<StepPlan> steps = {};
  std::vector<TermPlan> terms = {};
};

// A ReLU or max pool of a recipe, for engine/decisions.h.
struct DecisionPlan {
  int node = 0, edge = 0, candidate = 0, primitive = 0;
  Activation input = {};
  bool relu = true;
  int kernel = 1, stride = 1, padding = 0;  // of a pool
};

struct Program {
  int inputs = 0, states = 0;
  std::vector<ValuePlan> values = {};  // the first `states` are the states
  std::vector<PadPlan> pads = {};
  std::vector<EdgeSteps> edges = {};  // in the order of nodes
  std::vector<int> concat = {};
  std::vector<DecisionPlan> decisions = {};
  std::vector<BlockPlan> modules = {};  // of one input and one operation, the module alone
};

// `share_norms`: with the statistics of the batch; running statistics are each edge's own.
absl::StatusOr<Program> Lower(const BlockPlan& plan, const ParameterLayout& weights,
                              const ParameterLayout& running_statistics, bool share_norms);

}  // namespace ssnas::fused

#endif  // SSNAS_ENGINE_FUSED_PROGRAM_H_
