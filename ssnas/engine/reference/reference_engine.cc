#include "ssnas/engine/reference/reference_engine.h"

#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>
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
#include "ssnas/engine/check_block.h"
#include "ssnas/engine/reference/forward_pass.h"
#include "ssnas/engine/reference/reference_memory.h"

namespace ssnas {
namespace {

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

// libtorch's threads while it lives, then as before; 0 changes nothing.
class ThreadsFor {
 public:
  explicit ThreadsFor(int threads) : before_(at::get_num_threads()), changes_(threads > 0) {
    if (changes_) at::set_num_threads(threads);
  }
  ~ThreadsFor() {
    if (changes_) at::set_num_threads(before_);
  }
  ThreadsFor(const ThreadsFor&) = delete;
  ThreadsFor& operator=(const ThreadsFor&) = delete;

 private:
  const int before_;
  const bool changes_;
};

template <typename T>
class ReferenceBlock : public Block<T> {
 public:
  ReferenceBlock(BlockPlan plan, std::vector<NodeOffsets> offsets, const ReferenceOptions& options)
      : plan_(std::move(plan)), offsets_(std::move(offsets)), options_(options) {}

  absl::Status Forward(const ForwardArgs<T>& args, View4<T> output) override {
    Release();
    SSNAS_ASSIGN_OR_RETURN(const std::vector<Shape4> shapes, CheckForward(plan_, args, output));
    if (options_.replay != nullptr) SSNAS_RETURN_IF_ERROR(CheckReplay(shapes));
    const ThreadsFor threads(options_.threads);
    const absl::Status status = Guarded(plan_.name, [&] {
      Run(args, shapes, output);
      return absl::OkStatus();
    });
    if (!status.ok()) Release();
    return status;
  }

  absl::Status Backward(const BackwardArgs<T>& args) override {
    SSNAS_RETURN_IF_ERROR(CheckBackward(plan_, gradients_, output_shape_, args));
    const ThreadsFor threads(options_.threads);
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

  // Whether the trace holds every decision, of the right shape.
  absl::Status CheckReplay(const std::vector<Shape4>& states) {
    for (int n = 0; n < static_cast<int>(plan_.nodes.size()); ++n) {
      for (int e = 0; e < static_cast<int>(plan_.nodes[n].edges.size()); ++e) {
        const EdgePlan& edge = plan_.nodes[n].edges[e];
        for (int c = 0; c < static_cast<int>(edge.candidates.size()); ++c) {
          SSNAS_RETURN_IF_ERROR(
              CheckReplay({plan_.name, n, e, c}, edge.candidates[c].recipe, states[edge.from]));
        }
      }
    }
    return absl::OkStatus();
  }

  absl::Status CheckReplay(DecisionKey key, const Recipe& recipe, const Shape4& input) {
    SSNAS_ASSIGN_OR_RETURN(const std::vector<Shape4> values, recipe.Shapes(input));
    for (size_t i = 0; i < values.size(); ++i) {
      const Primitive& p = recipe.primitives()[i];
      key.primitive = static_cast<int>(i);
      const ReluDecision* relu = options_.replay->FindRelu(key);
      const MaxPoolDecision* pool = options_.replay->FindMaxPool(key);
      const bool missing =
          (p.kind == PrimitiveKind::kRelu && (!relu || !(relu->shape == values[i]))) ||
          (p.kind == PrimitiveKind::kMaxPool && (!pool || !(pool->shape == values[i])));
      if (missing) {
        return absl::InvalidArgumentError(
            absl::StrCat("block '", plan_.name, "': no decision of this shape to replay at node ",
                         key.node, ", edge ", key.edge, ", candidate ", key.candidate,
                         ", primitive ", i, ": record with the same plan and batch"));
      }
    }
    return absl::OkStatus();
  }

  void Run(const ForwardArgs<T>& args, const std::vector<Shape4>& shapes, View4<T> output) {
    const at::AutoGradMode grad_mode(args.gradients != kNoGradients);
    ForwardPass<T> pass(args, plan_.name, options_);
    for (const View4<const T>& input : args.inputs) states_.push_back(pass.Input(input));
    for (size_t n = 0; n < plan_.nodes.size(); ++n) {
      states_.push_back(pass.Node(static_cast<int>(n), plan_.nodes[n], offsets_[n],
                                  shapes[states_.size()], states_));
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
    for (int i = 0; i < plan_.inputs; ++i) {
      if (IsAsked(args, i) && args.Begins(i)) WrapView(args.input_gradients[i]).zero_();
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

  static bool IsAsked(const BackwardArgs<T>& args, int input) {
    return (args.gradients & kInputGradients) && args.input_gradients[input].data != nullptr;
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
    for (int i = 0; i < plan_.inputs; ++i) {
      if (!IsAsked(args, i)) continue;
      wanted->push_back(states_[i]);
      targets->push_back(WrapView(args.input_gradients[i]));
    }
  }

  const BlockPlan plan_;
  const std::vector<NodeOffsets> offsets_;
  const ReferenceOptions options_;
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
    if (p.kind == PrimitiveKind::kModule) {
      for (const ParameterSpec& spec : p.module->Parameters()) {
        SSNAS_ASSIGN_OR_RETURN(offsets[i].parameters.emplace_back(),
                               weights.Find(absl::StrCat(name, ".", spec.name)));
      }
      for (const ParameterSpec& spec : p.module->RunningStatistics()) {
        SSNAS_ASSIGN_OR_RETURN(offsets[i].statistics.emplace_back(),
                               running_statistics.Find(absl::StrCat(name, ".", spec.name)));
      }
      continue;
    }
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
  explicit ReferenceEngine(const ReferenceOptions& options) : options_(options) {}

  std::string name() const override { return "reference"; }

  absl::StatusOr<BlockMemory> Memory(const BlockPlan& plan,
                                     const std::vector<Shape4>& inputs) const override {
    SSNAS_ASSIGN_OR_RETURN(BlockMemory memory, ReferenceMemory(plan, inputs));
    memory.kept = memory.kept / static_cast<int64_t>(sizeof(float)) * sizeof(T);
    memory.passing = memory.passing / static_cast<int64_t>(sizeof(float)) * sizeof(T);
    return memory;
  }

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
    return std::unique_ptr<Block<T>>(new ReferenceBlock<T>(plan, std::move(offsets), options_));
  }

 private:
  const ReferenceOptions options_;
};

}  // namespace

template <typename T>
std::unique_ptr<Engine<T>> MakeReferenceEngine(const ReferenceOptions& options) {
  return std::make_unique<ReferenceEngine<T>>(options);
}

template std::unique_ptr<Engine<float>> MakeReferenceEngine<float>(const ReferenceOptions&);
template std::unique_ptr<Engine<double>> MakeReferenceEngine<double>(const ReferenceOptions&);

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
