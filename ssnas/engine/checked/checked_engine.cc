#include "ssnas/engine/checked/checked_engine.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/engine/reference/reference_engine.h"
#include "ssnas/engine/tensor_errors.h"

namespace ssnas {
namespace {

using Doubles = std::vector<double>;

// Empty for null.
Doubles ToDoubles(const float* values, int64_t count) {
  return values == nullptr ? Doubles() : Doubles(values, values + count);
}

double* DataOrNull(Doubles& values) { return values.empty() ? nullptr : values.data(); }

// Mixture weights that a block reads: up to the last row of its edges.
int64_t MixtureSize(const BlockPlan& plan) {
  int64_t size = 0;
  for (const NodePlan& node : plan.nodes) {
    for (const EdgePlan& edge : node.edges) {
      const auto columns = static_cast<int64_t>(edge.candidates.size());
      size = std::max(size, (edge.mixture_row + 1) * columns);
    }
  }
  return size;
}

// The tensors of a block, out of a flat buffer; a prefix in front of their names.
template <typename T>
void AddTensors(const std::string& block, const std::string& prefix, const ParameterLayout& layout,
                const T* values, NamedTensors* tensors) {
  for (size_t i = 0; i < layout.specs().size(); ++i) {
    const ParameterSpec& spec = layout.specs()[i];
    if (!absl::StartsWith(spec.name, block + ".")) continue;
    const T* first = values + layout.offset(static_cast<int>(i));
    (*tensors)[absl::StrCat(prefix, "'", spec.name, "'")] = Doubles(first, first + spec.count());
  }
}

// What blocks need for as long as they live.
struct Shared {
  DecisionTrace decisions;
  double bound = kCheckBound;
};

class CheckedBlock : public Block<float> {
 public:
  // `replaying` takes the tested block's decisions, `own` its own.
  CheckedBlock(BlockPlan plan, const ParameterLayout& weights,
               const ParameterLayout& running_statistics, std::unique_ptr<Block<float>> tested,
               std::unique_ptr<Block<double>> replaying, std::unique_ptr<Block<double>> own,
               std::shared_ptr<const Shared> shared)
      : plan_(std::move(plan)),
        weights_(weights),
        running_statistics_(running_statistics),
        tested_(std::move(tested)),
        replaying_(std::move(replaying)),
        own_(std::move(own)),
        shared_(std::move(shared)) {}

  absl::Status Forward(const ForwardArgs<float>& args, View4<float> output) override {
    ++passes_;
    // The tested block moves them.
    Doubles statistics = ToDoubles(args.running_statistics, running_statistics_.size());
    SSNAS_RETURN_IF_ERROR(tested_->Forward(args, output));
    Doubles exact(output.shape.count());
    SSNAS_RETURN_IF_ERROR(RunReference(args, DataOrNull(statistics), {exact.data(), output.shape}));
    NamedTensors found_tensors, exact_tensors;
    found_tensors["the output"] = ToDoubles(output.data, output.shape.count());
    exact_tensors["the output"] = std::move(exact);
    if (args.running_statistics != nullptr) {
      AddTensors(plan_.name, "", running_statistics_, args.running_statistics, &found_tensors);
      AddTensors(plan_.name, "", running_statistics_, statistics.data(), &exact_tensors);
    }
    return Compare("forward", found_tensors, exact_tensors);
  }

  absl::Status Backward(const BackwardArgs<float>& args) override {
    // Both add to what is there already.
    Doubles output_gradient =
        ToDoubles(args.output_gradient.data, args.output_gradient.shape.count());
    Doubles weights = ToDoubles(args.weight_gradients, weights_.size());
    Doubles mixture = ToDoubles(args.mixture_gradients, MixtureSize(plan_));
    // Inputs that share memory share its copy.
    std::map<const float*, Doubles> inputs;
    BackwardArgs<double> exact{
        .output_gradient = {output_gradient.data(), args.output_gradient.shape},
        .gradients = args.gradients,
        .weight_gradients = DataOrNull(weights),
        .mixture_gradients = DataOrNull(mixture),
        .input_gradients_begin = args.input_gradients_begin};
    for (const View4<float>& input : args.input_gradients) {
      Doubles& copy = inputs[input.data];
      if (copy.empty()) copy = ToDoubles(input.data, input.shape.count());
      exact.input_gradients.push_back({DataOrNull(copy), input.shape});
    }
    SSNAS_RETURN_IF_ERROR(tested_->Backward(args));
    SSNAS_RETURN_IF_ERROR(replaying_->Backward(exact));
    NamedTensors found_tensors, exact_tensors;
    if (args.gradients & kWeightGradients) {
      AddTensors(plan_.name, kGradient, weights_, args.weight_gradients, &found_tensors);
      AddTensors(plan_.name, kGradient, weights_, weights.data(), &exact_tensors);
    }
    if ((args.gradients & kAlphaGradients) && !mixture.empty()) {
      const std::string name = absl::StrCat(kGradient, "the mixture weights");
      found_tensors[name] = ToDoubles(args.mixture_gradients, static_cast<int64_t>(mixture.size()));
      exact_tensors[name] = mixture;
    }
    for (size_t i = 0; (args.gradients & kInputGradients) && i < exact.input_gradients.size();
         ++i) {
      const View4<float>& input = args.input_gradients[i];
      if (input.data == nullptr) continue;
      const std::string name = absl::StrCat(kGradient, "input ", i);
      found_tensors[name] = ToDoubles(input.data, input.shape.count());
      exact_tensors[name] = inputs[input.data];
    }
    return Compare("backward", found_tensors, exact_tensors);
  }

 private:
  static constexpr char kGradient[] = "the gradient of ";

  absl::Status RunReference(const ForwardArgs<float>& args, double* running_statistics,
                            View4<double> output) {
    inputs_.clear();
    ForwardArgs<double> exact{
        .running_statistics = running_statistics, .norm = args.norm, .gradients = args.gradients};
    for (const View4<const float>& input : args.inputs) {
      inputs_.push_back(ToDoubles(input.data, input.shape.count()));
      exact.inputs.push_back({inputs_.back().data(), input.shape});
    }
    Doubles weights = ToDoubles(args.weights, weights_.size());
    Doubles mixture = ToDoubles(args.mixture, MixtureSize(plan_));
    Doubles drop_path = ToDoubles(args.drop_path, plan_.EdgeCount() * output.shape.n);
    exact.weights = DataOrNull(weights);
    exact.mixture = DataOrNull(mixture);
    exact.drop_path = DataOrNull(drop_path);
    // Decisions are recorded where a backward pass follows.
    Block<double>& reference = args.gradients == kNoGradients ? *own_ : *replaying_;
    return reference.Forward(exact, output);
  }

  absl::Status Compare(const char* pass, const NamedTensors& found,
                       const NamedTensors& exact) const {
    SSNAS_ASSIGN_OR_RETURN(const TensorError worst, WorstError(found, exact));
    if (worst.error <= shared_->bound) return absl::OkStatus();
    return InArea(
        ErrorArea::kComputation,
        absl::InternalError(absl::StrFormat(
            "engine check: block '%s', %s pass %d: %s is %.3g from the float64 reference, more "
            "than %.3g. The engine computes something else than it should: please report it with "
            "this message and the spec.",
            plan_.name, pass, passes_, worst.tensor, worst.error, shared_->bound)));
  }

  const BlockPlan plan_;
  const ParameterLayout& weights_;
  const ParameterLayout& running_statistics_;
  const std::unique_ptr<Block<float>> tested_;
  const std::unique_ptr<Block<double>> replaying_, own_;
  const std::shared_ptr<const Shared> shared_;
  std::vector<Doubles> inputs_;  // of the latest Forward: the reference's Backward reads them
  int64_t passes_ = 0;
};

class CheckedEngine : public Engine<float> {
 public:
  CheckedEngine(const std::function<std::unique_ptr<Engine<float>>(DecisionTrace*)>& make,
                double bound)
      : shared_(std::make_shared<Shared>()),
        tested_(make(&shared_->decisions)),
        replaying_(MakeReferenceEngine<double>({.replay = &shared_->decisions})),
        own_(MakeReferenceEngine<double>()) {
    shared_->bound = bound;
  }

  std::string name() const override { return absl::StrCat("check of ", tested_->name()); }

  // Of both engines; copies that last for a pass are not counted.
  absl::StatusOr<BlockMemory> Memory(const BlockPlan& plan,
                                     const std::vector<Shape4>& inputs) const override {
    SSNAS_ASSIGN_OR_RETURN(const BlockMemory tested, tested_->Memory(plan, inputs));
    SSNAS_ASSIGN_OR_RETURN(const BlockMemory exact, replaying_->Memory(plan, inputs));
    return BlockMemory{.kept = tested.kept + exact.kept, .passing = tested.passing + exact.passing};
  }

  absl::StatusOr<std::unique_ptr<Block<float>>> Build(
      const BlockPlan& plan, const ParameterLayout& weights,
      const ParameterLayout& running_statistics) override {
    SSNAS_ASSIGN_OR_RETURN(auto tested, tested_->Build(plan, weights, running_statistics));
    SSNAS_ASSIGN_OR_RETURN(auto replaying, replaying_->Build(plan, weights, running_statistics));
    SSNAS_ASSIGN_OR_RETURN(auto own, own_->Build(plan, weights, running_statistics));
    return std::unique_ptr<Block<float>>(new CheckedBlock(plan, weights, running_statistics,
                                                          std::move(tested), std::move(replaying),
                                                          std::move(own), shared_));
  }

 private:
  const std::shared_ptr<Shared> shared_;
  const std::unique_ptr<Engine<float>> tested_;
  const std::unique_ptr<Engine<double>> replaying_, own_;
};

}  // namespace

std::unique_ptr<Engine<float>> MakeCheckedEngine(
    const std::function<std::unique_ptr<Engine<float>>(DecisionTrace*)>& make, double bound) {
  return std::make_unique<CheckedEngine>(make, bound);
}

}  // namespace ssnas
