// From recipes to a program: see program.h.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ssnas/core/logging.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/engine/fused/program.h"

namespace ssnas::fused {
namespace {

class Lowering {
 public:
  Lowering(const BlockPlan& plan, const ParameterLayout& weights, const ParameterLayout& statistics,
           bool share_norms)
      : plan_(plan), weights_(weights), statistics_(statistics), share_norms_(share_norms) {}

  absl::StatusOr<Program> Run() {
    program_.inputs = plan_.inputs;
    program_.states = plan_.inputs + static_cast<int>(plan_.nodes.size());
    program_.concat = plan_.concat;
    program_.values.resize(program_.states);
    int edge_index = 0;
    for (size_t n = 0; n < plan_.nodes.size(); ++n) {
      for (size_t e = 0; e < plan_.nodes[n].edges.size(); ++e) {
        SSNAS_RETURN_IF_ERROR(LowerEdge(static_cast<int>(n), static_cast<int>(e), edge_index++));
      }
    }
    DropUnread();
    ChooseGradients();
    MarkPads();
    return std::move(program_);
  }

 private:
  absl::Status LowerEdge(int node, int edge, int edge_index) {
    const EdgePlan& planned = plan_.nodes[node].edges[edge];
    EdgeSteps steps{.node = plan_.inputs + node,
                    .from = planned.from,
                    .edge = edge_index,
                    .drop_path = planned.drop_path};
    steps_ = &steps.steps;
    const int count = static_cast<int>(planned.candidates.size());
    for (int c = 0; c < count; ++c) {
      const Recipe& recipe = planned.candidates[c].recipe;
      program_.values[steps.from].channels = recipe.in_channels();
      program_.values[steps.node].channels = recipe.out_channels();
      if (recipe.IsZero()) continue;
      const int64_t mixture =
          planned.mixture_row < 0 ? -1 : int64_t{planned.mixture_row} * count + c;
      SSNAS_ASSIGN_OR_RETURN(
          const int value, LowerRecipe(recipe, plan_.CandidatePrefix(node, edge, c), planned.from));
      steps.terms.push_back({value, mixture});
      ListDecisions(node, edge, c);
    }
    program_.edges.push_back(std::move(steps));
    return absl::OkStatus();
  }

  absl::StatusOr<int> LowerRecipe(const Recipe& recipe, const std::string& prefix, int from) {
    recipe_ = &recipe;
    prefix_ = prefix;
    from_ = from;
    lowered_.assign(recipe.primitives().size(), Activation{});
    uses_.assign(recipe.primitives().size(), 0);
    several_.clear();
    for (const Primitive& primitive : recipe.primitives()) {
      for (const int input : primitive.inputs) ++uses_[input];
    }
    ++uses_[recipe.output()];
    SSNAS_ASSIGN_OR_RETURN(const Activation output, Lowered(recipe.output()));
    return Plain(output).value;
  }

  void ListDecisions(int node, int edge, int candidate) {
    for (size_t i = 1; i < lowered_.size(); ++i) {
      const Primitive& p = recipe_->primitives()[i];
      const bool relu = p.kind == PrimitiveKind::kRelu;
      if ((!relu && p.kind != PrimitiveKind::kMaxPool) || lowered_[i].value < 0) continue;
      program_.decisions.push_back({.node = node,
                                    .edge = edge,
                                    .candidate = candidate,
                                    .primitive = static_cast<int>(i),
                                    .input = lowered_[p.inputs[0]],
                                    .relu = relu,
                                    .kernel = p.kernel,
                                    .stride = p.stride,
                                    .padding = p.padding});
    }
  }

  absl::StatusOr<Activation> Lowered(int index) {
    if (lowered_[index].value < 0) {
      SSNAS_ASSIGN_OR_RETURN(Activation lowered, LowerPrimitive(index));
      // A norm has one reader; more of them read a copy. Nor does a norm hide what others read.
      if (uses_[index] > 1 && program_.values[lowered.value].norm.has_value()) {
        lowered = {Copy({lowered}, 1, false)};
      }
      if (uses_[index] > 1) several_.insert(lowered.value);
      lowered_[index] = lowered;
    }
    return lowered_[index];
  }

  absl::StatusOr<Activation> LowerPrimitive(int index) {
    const Primitive& p = recipe_->primitives()[index];
    if (p.kind == PrimitiveKind::kInput) return Activation{from_};
    if (p.kind == PrimitiveKind::kConcat) return LowerConcat(p);
    if (IsConv(p)) {
      ValuePlan value{.kind = ValueKind::kConvs, .channels = p.out_channels};
      SSNAS_ASSIGN_OR_RETURN(ConvPlan conv, LowerConv(p));
      value.convs.push_back(conv);
      return Activation{Add(std::move(value))};
    }
    SSNAS_ASSIGN_OR_RETURN(Activation x, Lowered(p.inputs[0]));
    switch (p.kind) {
      case PrimitiveKind::kIdentity:
        return x;
      case PrimitiveKind::kZero:
        return Activation{Copy({x}, p.stride, true)};
      case PrimitiveKind::kRelu:
        x.relu = true;
        return x;
      case PrimitiveKind::kShift:
        ++x.shift;
        return x;
      case PrimitiveKind::kBatchNorm:
        return LowerNorm(index, x);
      case PrimitiveKind::kMaxPool:
      case PrimitiveKind::kAvgPool:
        return Activation{Pool(p, Stored(x))};
      case PrimitiveKind::kModule:
        return Activation{Module(p, Stored(x))};
      default:
        LOG(FATAL) << "primitive of no known kind: " << static_cast<int>(p.kind);
    }
  }

  static bool IsConv(const Primitive& p) {
    return p.kind == PrimitiveKind::kDepthwise || p.kind == PrimitiveKind::kPointwise ||
           p.kind == PrimitiveKind::kConv;
  }

  // Convolutions whose only reader is a concatenation write its channels side by side.
  absl::StatusOr<Activation> LowerConcat(const Primitive& p) {
    const bool joined = std::all_of(p.inputs.begin(), p.inputs.end(), [&](int input) {
      const Primitive& part = recipe_->primitives()[input];
      return IsConv(part) && part.kind != PrimitiveKind::kDepthwise && uses_[input] == 1;
    });
    if (!joined) {
      std::vector<Activation> parts;
      for (const int input : p.inputs) {
        SSNAS_ASSIGN_OR_RETURN(parts.emplace_back(), Lowered(input));
      }
      return Activation{Copy(parts, 1, false)};
    }
    ValuePlan value{.kind = ValueKind::kConvs, .channels = p.out_channels};
    int64_t channel = 0;
    for (const int input : p.inputs) {
      SSNAS_ASSIGN_OR_RETURN(ConvPlan conv, LowerConv(recipe_->primitives()[input]));
      conv.first_channel = channel;
      channel += conv.out_channels;
      value.convs.push_back(conv);
    }
    return Activation{Add(std::move(value))};
  }

  // A depthwise convolution whose only reader is a pointwise one of stride 1 becomes one with it.
  absl::StatusOr<ConvPlan> LowerConv(const Primitive& p) {
    ConvPlan conv{.in_channels = p.in_channels, .out_channels = p.out_channels};
    const Primitive* spatial = &p;
    if (p.kind != PrimitiveKind::kDepthwise) {
      SSNAS_ASSIGN_OR_RETURN(conv.gemm, weights_.Find(prefix_ + p.name + ".weight"));
      const Primitive& input = recipe_->primitives()[p.inputs[0]];
      if (p.kind == PrimitiveKind::kPointwise && p.stride == 1 &&
          input.kind == PrimitiveKind::kDepthwise && uses_[p.inputs[0]] == 1) {
        spatial = &input;
      }
    }
    if (spatial->kind == PrimitiveKind::kDepthwise) {
      SSNAS_ASSIGN_OR_RETURN(conv.depthwise, weights_.Find(prefix_ + spatial->name + ".weight"));
    }
    conv.kernel = spatial->kernel;
    conv.stride = spatial->stride;
    conv.dilation = spatial->dilation;
    conv.padding = spatial->padding;
    SSNAS_ASSIGN_OR_RETURN(Activation x, Lowered(spatial->inputs[0]));
    // Padding hides the row before the first, which a shift would show.
    if (x.shift > 0 && conv.padding > 0) x = {Copy({x}, 1, false)};
    conv.shift = x.shift;
    conv.pad = Pad({x.value, x.relu}, conv.stride, conv.in_channels);
    return conv;
  }

  absl::StatusOr<Activation> LowerNorm(int index, const Activation& x) {
    const Primitive& p = recipe_->primitives()[index];
    const std::string name = prefix_ + p.name;
    NormPlan norm;
    if (p.affine) {
      SSNAS_ASSIGN_OR_RETURN(norm.scale, weights_.Find(name + ".weight"));
      SSNAS_ASSIGN_OR_RETURN(norm.bias, weights_.Find(name + ".bias"));
    }
    NormPlan::Running running;
    SSNAS_ASSIGN_OR_RETURN(running.mean, statistics_.Find(name + ".running_mean"));
    SSNAS_ASSIGN_OR_RETURN(running.variance, statistics_.Find(name + ".running_var"));
    norm.running.push_back(running);
    int target = x.value;
    const ValuePlan& value = program_.values[target];
    const bool own = value.kind == ValueKind::kConvs && x.plain() && !value.norm.has_value() &&
                     several_.count(target) == 0;
    if (!own) {
      // The norm of a pool (or a copy) is computed on a twin, shared by all edges that end in it.
      const int raw = value.kind == ValueKind::kState || value.kind == ValueKind::kConvs ||
                              value.kind == ValueKind::kModule || value.norm.has_value() ||
                              !x.plain()
                          ? Copy({x}, 1, false)
                          : target;
      const bool shared =
          share_norms_ && !p.affine && index == recipe_->output() && uses_[index] == 1;
      const auto found = normed_.find(raw);
      if (shared && found != normed_.end()) {
        program_.values[found->second].norm->running.push_back(running);
        return Activation{found->second};
      }
      // Two copies may not read one norm.
      ValuePlan twin = program_.values[raw];
      twin.held = false;
      if (twin.kind == ValueKind::kCopy) {
        twin = {.kind = ValueKind::kCopy, .channels = twin.channels, .inputs = {{raw}}};
      }
      target = Add(std::move(twin));
      if (shared) normed_[raw] = target;
    }
    program_.values[target].norm = std::move(norm);
    return Activation{target};
  }

  int Add(ValuePlan value) {
    const int index = static_cast<int>(program_.values.size());
    program_.values.push_back(std::move(value));
    steps_->push_back({.pad = false, .index = index});
    return index;
  }

  int AddOnce(const std::string& key, ValuePlan value) {
    const auto found = known_.find(key);
    if (found != known_.end()) return found->second;
    const int index = Add(std::move(value));
    known_[key] = index;
    return index;
  }

  int Pool(const Primitive& p, const Activation& x) {
    const ValueKind kind =
        p.kind == PrimitiveKind::kMaxPool ? ValueKind::kMaxPool : ValueKind::kAveragePool;
    return AddOnce(absl::StrCat("pool ", static_cast<int>(kind), " ", x.value, " ", p.kernel, " ",
                                p.stride, " ", p.padding),
                   {.kind = kind,
                    .channels = p.out_channels,
                    .inputs = {x},
                    .kernel = p.kernel,
                    .stride = p.stride,
                    .padding = p.padding});
  }

  int Copy(std::vector<Activation> parts, int stride, bool zero) {
    std::string key = absl::StrCat("copy ", stride, zero);
    int64_t channels = 0;
    for (const Activation& part : parts) {
      absl::StrAppend(&key, " ", part.value, ",", part.relu, ",", part.shift);
      channels += program_.values[part.value].channels;
    }
    return AddOnce(key, {.kind = ValueKind::kCopy,
                         .channels = channels,
                         .inputs = std::move(parts),
                         .stride = stride,
                         .zero = zero});
  }

  // What terms read: the face of a value as it is.
  Activation Plain(const Activation& x) { return x.plain() ? x : Activation{Copy({x}, 1, false)}; }

  // What pools read: something that lies in memory.
  Activation Stored(const Activation& x) {
    return x.plain() && !program_.values[x.value].norm.has_value()
               ? x
               : Activation{Copy({x}, 1, false)};
  }

  // A block of its own, whose tensors have the names that they have here.
  int Module(const Primitive& p, const Activation& x) {
    RecipeBuilder recipe(p.in_channels);
    const int y = recipe.Module(p.name, recipe.Input(), p.module, p.out_channels, p.stride);
    BlockPlan block{.name = plan_.name, .concat = {1}};
    block.nodes.push_back(
        {{{.candidates = {
               {.name = p.name, .recipe = std::move(recipe).Build(y), .prefix = prefix_}}}}});
    program_.modules.push_back(std::move(block));
    program_.values[x.value].held = true;
    return Add({.kind = ValueKind::kModule,
                .channels = p.out_channels,
                .inputs = {x},
                .module = static_cast<int>(program_.modules.size()) - 1});
  }

  int Pad(const Activation& x, int stride, int64_t channels) {
    for (size_t i = 0; i < program_.pads.size(); ++i) {
      const PadPlan& pad = program_.pads[i];
      if (pad.input == x && pad.stride == stride) return static_cast<int>(i);
    }
    program_.pads.push_back({.input = x, .stride = stride, .channels = channels});
    const int index = static_cast<int>(program_.pads.size()) - 1;
    steps_->push_back({.pad = true, .index = index});
    return index;
  }

  // Calls body(value, how: 't'erm, 'p'ad, 'c'opy or pool) for every reading of a value.
  template <typename Body>
  void ForReaders(const Body& body) const {
    for (const EdgeSteps& edge : program_.edges) {
      for (const TermPlan& term : edge.terms) body(term.value, 't');
      for (const StepPlan& step : edge.steps) {
        if (step.pad) {
          body(program_.pads[step.index].input.value, 'p');
        } else {
          for (const Activation& x : program_.values[step.index].inputs) body(x.value, 'c');
        }
      }
    }
  }

  // The raw twins of pools whose norm is all that anyone reads.
  void DropUnread() {
    for (bool again = true; again;) {
      again = false;
      std::vector<int> readers(program_.values.size(), 0);
      ForReaders([&](int value, char) { ++readers[value]; });
      for (EdgeSteps& edge : program_.edges) {
        const auto unread = [&](const StepPlan& step) {
          return !step.pad && readers[step.index] == 0;
        };
        const auto last = std::remove_if(edge.steps.begin(), edge.steps.end(), unread);
        again = again || last != edge.steps.end();
        edge.steps.erase(last, edge.steps.end());
      }
    }
  }

  void ChooseGradients() {
    std::vector<int> terms(program_.values.size(), 0), others(program_.values.size(), 0);
    ForReaders([&](int value, char how) { ++(how == 't' ? terms : others)[value]; });
    for (size_t i = program_.states; i < program_.values.size(); ++i) {
      ValuePlan& value = program_.values[i];
      if (value.kind == ValueKind::kModule) continue;  // Its engine takes it from memory.
      if (others[i] == 0) {
        value.gradient = GradientKind::kTerms;
      } else if (value.norm.has_value()) {
        CHECK(terms[i] == 0 && others[i] == 1) << "a norm with several readers";
        value.gradient = GradientKind::kGated;
      }
    }
  }

  void MarkPads() {
    std::vector<int> reader(program_.pads.size(), -1);
    for (PadPlan& pad : program_.pads) pad.by_row = true;
    for (size_t i = 0; i < program_.values.size(); ++i) {
      for (const ConvPlan& conv : program_.values[i].convs) {
        PadPlan& pad = program_.pads[conv.pad];
        if (reader[conv.pad] >= 0 && reader[conv.pad] != static_cast<int>(i)) pad.shared = true;
        if (pad.shared || !conv.pointwise()) pad.by_row = false;
        reader[conv.pad] = static_cast<int>(i);
      }
    }
  }

  const BlockPlan& plan_;
  const ParameterLayout& weights_;
  const ParameterLayout& statistics_;
  const bool share_norms_;
  Program program_;
  std::map<std::string, int> known_;  // values without parameters
  std::map<int, int> normed_;         // a value → the same with a norm

  // Of the recipe that is being lowered.
  std::vector<StepPlan>* steps_ = nullptr;
  const Recipe* recipe_ = nullptr;
  std::string prefix_;
  int from_ = 0;
  std::vector<Activation> lowered_;
  std::vector<int> uses_;
  std::set<int> several_;  // values with several readers
};

}  // namespace

absl::StatusOr<Program> Lower(const BlockPlan& plan, const ParameterLayout& weights,
                              const ParameterLayout& running_statistics, bool share_norms) {
  return Lowering(plan, weights, running_statistics, share_norms).Run();
}

}  // namespace ssnas::fused
