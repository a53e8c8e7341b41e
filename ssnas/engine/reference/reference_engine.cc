#include "ssnas/engine/reference/reference_engine.h"

#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/add.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/native_batch_norm.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/zeros.h>
#include <malloc.h>
#include <torch/csrc/autograd/autograd.h>

#include <exception>
#include <limits>
#include <mutex>
#include <new>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "ssnas/core/logging.h"  // After ATen: see its banner.
#include "ssnas/core/status_macros.h"

namespace ssnas {
namespace {

// NHWC, as the interface's memory. Measured on a DARTS cell in search (8 channels, 32×32, 16
// images, one thread of a shared EPYC, libtorch 2.15, best of 8): forward 64 ms, with all gradients
// 222 ms; NCHW 147 and 454. With stride 2: 24 and 143 ms; NCHW 46 and 183. NCHW's batch norm is
// more exact (largest error of a cell's output in float32 1.7e-7 of its largest value, here
// 1.5e-6); both keep the bounds of engine/testing/plain_block.h.
constexpr at::MemoryFormat kLayout = at::MemoryFormat::ChannelsLast;
constexpr double kMomentum = 0.1;
constexpr double kEpsilon = 1e-5;

// Where a primitive's tensors begin in the flat buffers; −1: it has none.
struct Offsets {
  int64_t weight = -1;
  int64_t bias = -1;
  int64_t mean = -1;
  int64_t variance = -1;
};

// offsets[node][edge][candidate][primitive]
using CandidateOffsets = std::vector<Offsets>;
using EdgeOffsets = std::vector<CandidateOffsets>;
using NodeOffsets = std::vector<EdgeOffsets>;

// A tensor whose gradient can be asked for, and where in its flat buffer it lies.
struct Leaf {
  at::Tensor tensor;
  int64_t offset = 0;
};

// libtorch's exceptions end here.
template <typename Body>
absl::Status Guarded(const std::string& block, Body body) {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError(absl::StrCat("block '", block, "': out of memory"));
  } catch (const c10::Error& error) {
    const absl::string_view what = error.what_without_backtrace();
    const std::string message = absl::StrCat("block '", block, "': libtorch: ", what);
    return what.find("can't allocate memory") != absl::string_view::npos
               ? absl::ResourceExhaustedError(message)
               : absl::InternalError(message);
  } catch (const std::exception& error) {
    return absl::InternalError(absl::StrCat("block '", block, "': ", error.what()));
  }
}

template <typename T>
at::Tensor WrapFlat(const T* data, at::IntArrayRef sizes) {
  // from_blob has no const form; nothing that is read through it is written.
  return at::from_blob(const_cast<T*>(data), sizes, at::dtype(c10::CppTypeToScalarType<T>::value));
}

// NHWC memory as an N×C×H×W tensor.
template <typename T>
at::Tensor WrapView(View4<T> view) {
  using Value = std::remove_const_t<T>;
  const Shape4& s = view.shape;
  return at::from_blob(const_cast<Value*>(view.data), {s.n, s.c, s.h, s.w},
                       {s.h * s.w * s.c, 1, s.w * s.c, s.c},
                       at::dtype(c10::CppTypeToScalarType<Value>::value));
}

at::Tensor Convolve(const at::Tensor& x, const Primitive& p, const at::Tensor& weight) {
  const int64_t groups = p.kind == PrimitiveKind::kDepthwise ? p.in_channels : 1;
  return at::conv2d(x, weight, {}, {p.stride, p.stride}, {p.padding, p.padding},
                    {p.dilation, p.dilation}, groups);
}

at::Tensor ShiftByOne(const at::Tensor& x) {
  return at::constant_pad_nd(x.slice(2, 1).slice(3, 1), {0, 1, 0, 1});
}

at::Tensor Subsampled(const at::Tensor& x, int64_t stride) {
  return at::zeros(
      {x.size(0), x.size(1), (x.size(2) - 1) / stride + 1, (x.size(3) - 1) / stride + 1},
      x.options());
}

// One forward pass: turns states into states and collects the leaves.
template <typename T>
class Pass {
 public:
  explicit Pass(const ForwardArgs<T>& args) : args_(args) {}

  at::Tensor Input(View4<const T> view) {
    const at::Tensor wrapped = WrapView(view);
    // The caller's memory need not outlive Forward, and the graph does.
    const at::Tensor x = Keeps() ? wrapped.clone(kLayout) : wrapped.contiguous(kLayout);
    return Wanted(kInputGradients) ? x.set_requires_grad(true) : x;
  }

  at::Tensor Node(const NodePlan& node, const NodeOffsets& offsets, const Shape4& shape,
                  const std::vector<at::Tensor>& states) {
    at::Tensor sum;
    for (size_t e = 0; e < node.edges.size(); ++e) {
      const at::Tensor y = Edge(node.edges[e], offsets[e], states[node.edges[e].from]);
      if (y.defined()) sum = sum.defined() ? at::add(sum, y) : y;
      ++edge_index_;
    }
    if (sum.defined()) return sum;
    return at::zeros({shape.n, shape.c, shape.h, shape.w}, states[0].options());
  }

  std::vector<Leaf> weights;
  std::vector<Leaf> mixtures;

 private:
  bool Keeps() const { return args_.gradients != kNoGradients; }
  bool Wanted(GradientMask mask) const { return (args_.gradients & mask) != 0; }

  at::Tensor Parameter(const T* data, int64_t offset, at::IntArrayRef sizes, GradientMask mask,
                       std::vector<Leaf>* leaves) {
    at::Tensor tensor = WrapFlat(data + offset, sizes);
    if (Keeps()) tensor = tensor.clone();
    if (Wanted(mask)) leaves->push_back({tensor.set_requires_grad(true), offset});
    return tensor;
  }

  // Undefined: zero.
  at::Tensor Edge(const EdgePlan& edge, const EdgeOffsets& offsets, const at::Tensor& x) {
    at::Tensor sum;
    const int64_t count = static_cast<int64_t>(edge.candidates.size());
    std::vector<at::Tensor> shares;
    if (edge.mixture_row >= 0) {
      shares =
          Parameter(args_.mixture, edge.mixture_row * count, {count}, kAlphaGradients, &mixtures)
              .unbind();
    }
    for (int64_t c = 0; c < count; ++c) {
      const Recipe& recipe = edge.candidates[c].recipe;
      if (recipe.IsZero()) continue;
      at::Tensor y = Run(recipe, offsets[c], x);
      if (!shares.empty()) y = at::mul(y, shares[c]);
      sum = sum.defined() ? at::add(sum, y) : y;
    }
    if (!sum.defined() || !edge.drop_path || args_.drop_path == nullptr) return sum;
    const int64_t images = x.size(0);
    const at::Tensor scale = WrapFlat(args_.drop_path + edge_index_ * images, {images, 1, 1, 1});
    return at::mul(sum, Keeps() ? scale.clone() : scale);
  }

  at::Tensor Run(const Recipe& recipe, const CandidateOffsets& offsets, const at::Tensor& x) {
    std::vector<at::Tensor> values = {x};
    for (size_t i = 1; i < recipe.primitives().size(); ++i) {
      const Primitive& primitive = recipe.primitives()[i];
      std::vector<at::Tensor> inputs;
      for (const int input : primitive.inputs) inputs.push_back(values[input]);
      values.push_back(Run(primitive, offsets[i], inputs));
    }
    return values[recipe.output()];
  }

  at::Tensor Run(const Primitive& p, const Offsets& offsets, const std::vector<at::Tensor>& x) {
    switch (p.kind) {
      case PrimitiveKind::kInput:
      case PrimitiveKind::kIdentity:
        return x[0];
      case PrimitiveKind::kZero:
        return Subsampled(x[0], p.stride);
      case PrimitiveKind::kRelu:
        return at::relu(x[0]);
      case PrimitiveKind::kShift:
        return ShiftByOne(x[0]);
      case PrimitiveKind::kDepthwise:
        return Convolve(x[0], p, Filter(p, offsets, 1));
      case PrimitiveKind::kPointwise:
      case PrimitiveKind::kConv:
        return Convolve(x[0], p, Filter(p, offsets, p.in_channels));
      case PrimitiveKind::kBatchNorm:
        return Norm(p, offsets, x[0]);
      case PrimitiveKind::kMaxPool:
        return at::max_pool2d(x[0], {p.kernel, p.kernel}, {p.stride, p.stride},
                              {p.padding, p.padding});
      case PrimitiveKind::kAvgPool:
        return at::avg_pool2d(x[0], {p.kernel, p.kernel}, {p.stride, p.stride},
                              {p.padding, p.padding}, /*ceil_mode=*/false,
                              /*count_include_pad=*/false);
      case PrimitiveKind::kConcat:
        return at::cat(x, 1);
    }
    LOG(FATAL) << "primitive of no known kind: " << static_cast<int>(p.kind);
  }

  at::Tensor Filter(const Primitive& p, const Offsets& offsets, int64_t read) {
    return Parameter(args_.weights, offsets.weight, {p.out_channels, read, p.kernel, p.kernel},
                     kWeightGradients, &weights);
  }

  at::Tensor Norm(const Primitive& p, const Offsets& offsets, const at::Tensor& x) {
    std::optional<at::Tensor> scale, shift, mean, variance;
    if (p.affine) {
      scale =
          Parameter(args_.weights, offsets.weight, {p.out_channels}, kWeightGradients, &weights);
      shift = Parameter(args_.weights, offsets.bias, {p.out_channels}, kWeightGradients, &weights);
    }
    if (args_.norm != NormMode::kBatch && args_.running_statistics != nullptr) {
      mean = WrapFlat(args_.running_statistics + offsets.mean, {p.out_channels});
      variance = WrapFlat(args_.running_statistics + offsets.variance, {p.out_channels});
    }
    const bool batch = args_.norm != NormMode::kRunning;
    if (!batch && Keeps()) {
      mean = mean->clone();
      variance = variance->clone();
    }
    return std::get<0>(
        at::native_batch_norm(x, scale, shift, mean, variance, batch, kMomentum, kEpsilon));
  }

  const ForwardArgs<T>& args_;
  int64_t edge_index_ = 0;
};

template <typename T>
class ReferenceBlock : public Block<T> {
 public:
  ReferenceBlock(BlockPlan plan, std::vector<NodeOffsets> offsets)
      : plan_(std::move(plan)), offsets_(std::move(offsets)) {}

  absl::Status Forward(const ForwardArgs<T>& args, View4<T> output) override {
    Release();
    SSNAS_ASSIGN_OR_RETURN(const std::vector<Shape4> shapes, CheckForward(args, output));
    const absl::Status status = Guarded(plan_.name, [&] {
      Run(args, shapes, output);
      return absl::OkStatus();
    });
    if (!status.ok()) Release();
    return status;
  }

  absl::Status Backward(const BackwardArgs<T>& args) override {
    SSNAS_RETURN_IF_ERROR(CheckBackward(args));
    const absl::Status status = Guarded(plan_.name, [&] {
      Differentiate(args);
      return absl::OkStatus();
    });
    Release();
    return status;
  }

 private:
  void Release() {
    states_.clear();
    weights_.clear();
    mixtures_.clear();
    gradients_ = kNoGradients;
  }

  absl::StatusOr<std::vector<Shape4>> CheckForward(const ForwardArgs<T>& args, View4<T> output) {
    std::vector<Shape4> inputs;
    for (const View4<const T>& input : args.inputs) inputs.push_back(input.shape);
    SSNAS_ASSIGN_OR_RETURN(std::vector<Shape4> shapes, plan_.Shapes(inputs));
    if (!(output.shape == shapes.back()))
      return Invalid("the output has another shape than planned");
    for (const NodePlan& node : plan_.nodes) {
      for (const EdgePlan& edge : node.edges) {
        if (edge.mixture_row >= 0 && args.mixture == nullptr) return Invalid("no mixture weights");
        SSNAS_RETURN_IF_ERROR(CheckNorms(args, edge, shapes[edge.from]));
      }
    }
    return shapes;
  }

  absl::Status CheckNorms(const ForwardArgs<T>& args, const EdgePlan& edge, const Shape4& input) {
    for (const CandidatePlan& candidate : edge.candidates) {
      SSNAS_ASSIGN_OR_RETURN(const std::vector<Shape4> values, candidate.recipe.Shapes(input));
      for (size_t i = 0; i < values.size(); ++i) {
        if (candidate.recipe.primitives()[i].kind != PrimitiveKind::kBatchNorm) continue;
        if (args.norm == NormMode::kRunning) {
          if (args.running_statistics == nullptr) return Invalid("no running statistics");
        } else if (values[i].n * values[i].h * values[i].w < 2) {
          return Invalid(absl::StrCat(candidate.name, " normalises one value a channel by itself: ",
                                      "batches of 1 image of 1×1 pixel have no statistics"));
        }
      }
    }
    return absl::OkStatus();
  }

  void Run(const ForwardArgs<T>& args, const std::vector<Shape4>& shapes, View4<T> output) {
    const at::AutoGradMode grad_mode(args.gradients != kNoGradients);
    Pass<T> pass(args);
    for (const View4<const T>& input : args.inputs) states_.push_back(pass.Input(input));
    for (size_t n = 0; n < plan_.nodes.size(); ++n) {
      states_.push_back(pass.Node(plan_.nodes[n], offsets_[n], shapes[states_.size()], states_));
    }
    const at::NoGradGuard no_grad;
    const at::Tensor out = WrapView(output);
    int64_t channel = 0;
    for (const int state : plan_.concat) {
      out.narrow(1, channel, shapes[state].c).copy_(states_[state]);
      channel += shapes[state].c;
    }
    output_shape_ = output.shape;
    if (args.gradients == kNoGradients) return Release();
    weights_ = std::move(pass.weights);
    mixtures_ = std::move(pass.mixtures);
    gradients_ = args.gradients;
  }

  absl::Status CheckBackward(const BackwardArgs<T>& args) const {
    if (gradients_ == kNoGradients || (args.gradients & ~gradients_) != 0) {
      return absl::FailedPreconditionError(
          absl::StrCat("block '", plan_.name, "': Backward for gradients ", args.gradients,
                       " after a Forward that kept ", gradients_));
    }
    if (!(args.output_gradient.shape == output_shape_)) {
      return Invalid("the output's gradient has another shape than the output");
    }
    if (((args.gradients & kWeightGradients) && args.weight_gradients == nullptr) ||
        ((args.gradients & kAlphaGradients) && args.mixture_gradients == nullptr)) {
      return Invalid("no memory for gradients that are asked for");
    }
    if ((args.gradients & kInputGradients) == 0) return absl::OkStatus();
    if (static_cast<int>(args.input_gradients.size()) != plan_.inputs) {
      return Invalid("not one gradient an input");
    }
    return absl::OkStatus();
  }

  void Differentiate(const BackwardArgs<T>& args) {
    std::vector<at::Tensor> wanted, targets;
    Collect(args, &wanted, &targets);
    std::vector<at::Tensor> outputs, output_gradients;
    const at::Tensor gradient = WrapView(args.output_gradient);
    int64_t channel = 0;
    for (const int state : plan_.concat) {
      const int64_t channels = states_[state].size(1);
      if (states_[state].requires_grad()) {
        outputs.push_back(states_[state]);
        output_gradients.push_back(gradient.narrow(1, channel, channels).contiguous(kLayout));
      }
      channel += channels;
    }
    if (outputs.empty() || wanted.empty()) return;
    states_.clear();
    const std::vector<at::Tensor> found =
        torch::autograd::grad(outputs, wanted, output_gradients, /*retain_graph=*/false,
                              /*create_graph=*/false, /*allow_unused=*/true);
    const at::NoGradGuard no_grad;
    for (size_t i = 0; i < found.size(); ++i) {
      if (found[i].defined()) targets[i].add_(found[i]);
    }
  }

  // The leaves that are asked for, and the caller's memory that each one's gradient is added to.
  void Collect(const BackwardArgs<T>& args, std::vector<at::Tensor>* wanted,
               std::vector<at::Tensor>* targets) const {
    if (args.gradients & kWeightGradients) {
      for (const Leaf& leaf : weights_) {
        wanted->push_back(leaf.tensor);
        targets->push_back(WrapFlat(args.weight_gradients + leaf.offset, leaf.tensor.sizes()));
      }
    }
    if (args.gradients & kAlphaGradients) {
      for (const Leaf& leaf : mixtures_) {
        wanted->push_back(leaf.tensor);
        targets->push_back(WrapFlat(args.mixture_gradients + leaf.offset, leaf.tensor.sizes()));
      }
    }
    if (args.gradients & kInputGradients) {
      for (int i = 0; i < plan_.inputs; ++i) {
        if (args.input_gradients[i].data == nullptr) continue;
        wanted->push_back(states_[i]);
        targets->push_back(WrapView(args.input_gradients[i]));
      }
    }
  }

  absl::Status Invalid(const std::string& what) const {
    return absl::InvalidArgumentError(absl::StrCat("block '", plan_.name, "': ", what));
  }

  const BlockPlan plan_;
  const std::vector<NodeOffsets> offsets_;
  // Of the latest Forward, until Backward.
  std::vector<at::Tensor> states_;
  std::vector<Leaf> weights_;
  std::vector<Leaf> mixtures_;
  Shape4 output_shape_;
  unsigned gradients_ = kNoGradients;
};

absl::StatusOr<CandidateOffsets> FindOffsets(const Recipe& recipe, const std::string& prefix,
                                             const ParameterLayout& weights,
                                             const ParameterLayout& running_statistics) {
  CandidateOffsets offsets(recipe.primitives().size());
  for (size_t i = 0; i < offsets.size(); ++i) {
    const Primitive& p = recipe.primitives()[i];
    if (p.name.empty()) continue;
    const std::string name = prefix + p.name;
    const bool norm = p.kind == PrimitiveKind::kBatchNorm;
    if (!norm || p.affine) {
      SSNAS_ASSIGN_OR_RETURN(offsets[i].weight, weights.Find(name + ".weight"));
    }
    if (!norm) continue;
    if (p.affine) {
      SSNAS_ASSIGN_OR_RETURN(offsets[i].bias, weights.Find(name + ".bias"));
    }
    SSNAS_ASSIGN_OR_RETURN(offsets[i].mean, running_statistics.Find(name + ".running_mean"));
    SSNAS_ASSIGN_OR_RETURN(offsets[i].variance, running_statistics.Find(name + ".running_var"));
  }
  return offsets;
}

template <typename T>
class ReferenceEngine : public Engine<T> {
 public:
  std::string name() const override { return "reference"; }

  absl::StatusOr<std::unique_ptr<Block<T>>> Build(
      const BlockPlan& plan, const ParameterLayout& weights,
      const ParameterLayout& running_statistics) override {
    std::vector<NodeOffsets> offsets(plan.nodes.size());
    for (size_t n = 0; n < plan.nodes.size(); ++n) {
      offsets[n].resize(plan.nodes[n].edges.size());
      for (size_t e = 0; e < plan.nodes[n].edges.size(); ++e) {
        const EdgePlan& edge = plan.nodes[n].edges[e];
        for (size_t c = 0; c < edge.candidates.size(); ++c) {
          const std::string prefix =
              plan.CandidatePrefix(static_cast<int>(n), static_cast<int>(e), static_cast<int>(c));
          SSNAS_ASSIGN_OR_RETURN(
              CandidateOffsets found,
              FindOffsets(edge.candidates[c].recipe, prefix, weights, running_statistics));
          offsets[n][e].push_back(std::move(found));
        }
      }
    }
    return std::unique_ptr<Block<T>>(new ReferenceBlock<T>(plan, std::move(offsets)));
  }
};

}  // namespace

template <typename T>
std::unique_ptr<Engine<T>> MakeReferenceEngine() {
  return std::make_unique<ReferenceEngine<T>>();
}

template std::unique_ptr<Engine<float>> MakeReferenceEngine<float>();
template std::unique_ptr<Engine<double>> MakeReferenceEngine<double>();

void SetReferenceThreads(int threads) {
  CHECK_GE(threads, 1);
  at::set_num_threads(threads);
  // libtorch takes this once a process, and blocks run one after the other.
  static std::once_flag once;
  std::call_once(once, [] {
    at::set_num_interop_threads(1);
    // Every step frees and takes the same buffers. Left alone, glibc hands them back to the kernel,
    // and the pages are zeroed again: a DARTS cell (8 channels, 32×32, 16 images) took 104 ms
    // forward instead of 63.
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
  });
}

}  // namespace ssnas
