#include "ssnas/engine/testing/block_checks.h"

#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/core/testing/compare.h"
#include "ssnas/core/testing/gradient_check.h"
#include "ssnas/engine/testing/plain_block.h"

namespace ssnas {
namespace {

using Setter = std::function<void(const std::vector<double>&)>;

absl::Status Named(const std::string& what, const absl::Status& status) {
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat(what, ": ", status.message()));
}

// Checks ∂(Σ output_gradient · output) / ∂ of the buffer that `set` replaces, and puts `point`
// back.
absl::Status CheckBuffer(BlockRunner<double>& runner, const BlockData& data, NormMode norm,
                         int64_t coordinates, const std::vector<double>& point,
                         const std::vector<double>& gradient, const Setter& set) {
  if (point.empty()) return absl::OkStatus();
  absl::Status forward;
  const ScalarFunction loss = [&](const std::vector<double>& values) {
    set(values);
    forward.Update(runner.Forward(norm, kNoGradients));
    const std::vector<double> output = runner.output();
    double sum = 0;
    for (size_t i = 0; i < output.size(); ++i) sum += output[i] * data.output_gradient[i];
    return sum;
  };
  const absl::Status status = CheckGradient(
      loss, point, gradient, SomeCoordinates(static_cast<int64_t>(point.size()), coordinates));
  set(point);
  SSNAS_RETURN_IF_ERROR(forward);
  return status;
}

}  // namespace

template <typename T>
absl::Status CheckAgainstPlainLoops(Engine<T>& engine, const BlockPlan& plan, const BlockData& data,
                                    NormMode norm) {
  SSNAS_ASSIGN_OR_RETURN(const auto runner, BlockRunner<T>::Create(engine, plan, data));
  const PlainOutput plain = RunPlainly(plan, data, norm, std::numeric_limits<T>::epsilon());
  for (const unsigned gradients : {unsigned{kNoGradients}, kAllGradients}) {
    SSNAS_RETURN_IF_ERROR(runner->Forward(norm, gradients));
    SSNAS_RETURN_IF_ERROR(runner->Check());
    SSNAS_RETURN_IF_ERROR(Compare<double>(runner->output(), plain.values, plain.bounds));
  }
  return absl::OkStatus();
}

template <typename T>
absl::StatusOr<NamedTensors> StepTensors(Engine<T>& engine, const BlockPlan& plan,
                                         const BlockData& data, NormMode norm, unsigned gradients) {
  SSNAS_ASSIGN_OR_RETURN(const auto runner, BlockRunner<T>::Create(engine, plan, data));
  SSNAS_RETURN_IF_ERROR(runner->Forward(norm, gradients));
  NamedTensors tensors = {{"output", runner->output()},
                          {"running statistics", runner->running_statistics()}};
  runner->PoisonParameters();
  SSNAS_RETURN_IF_ERROR(runner->Backward(gradients));
  SSNAS_RETURN_IF_ERROR(runner->Check());
  tensors["mixture"] = runner->mixture_gradients();
  for (int i = 0; i < plan.inputs; ++i) {
    tensors[absl::StrCat("input ", i)] = runner->input_gradients(i);
  }
  const std::vector<double> weights = runner->weight_gradients();
  for (size_t i = 0; i < runner->weight_layout().specs().size(); ++i) {
    const ParameterSpec& spec = runner->weight_layout().specs()[i];
    const auto first = weights.begin() + runner->weight_layout().offset(static_cast<int>(i));
    tensors[spec.name].assign(first, first + spec.count());
  }
  return tensors;
}

absl::StatusOr<TensorError> StepError(Engine<float>& engine, Engine<double>& exact,
                                      const BlockPlan& plan, const BlockData& data, NormMode norm) {
  SSNAS_ASSIGN_OR_RETURN(const NamedTensors found, StepTensors(engine, plan, data, norm));
  SSNAS_ASSIGN_OR_RETURN(const NamedTensors expected, StepTensors(exact, plan, data, norm));
  return WorstError(found, expected);
}

absl::Status CheckBlockGradients(Engine<double>& engine, const BlockPlan& plan,
                                 const BlockData& data, NormMode norm, int64_t coordinates) {
  SSNAS_ASSIGN_OR_RETURN(const auto owner, BlockRunner<double>::Create(engine, plan, data));
  BlockRunner<double>& runner = *owner;
  SSNAS_RETURN_IF_ERROR(runner.Forward(norm, kAllGradients));
  SSNAS_RETURN_IF_ERROR(runner.Backward(kAllGradients));
  SSNAS_RETURN_IF_ERROR(runner.Check());
  SSNAS_RETURN_IF_ERROR(
      Named("weights",
            CheckBuffer(runner, data, norm, coordinates, data.weights, runner.weight_gradients(),
                        [&](const std::vector<double>& v) { runner.SetWeights(v); })));
  SSNAS_RETURN_IF_ERROR(
      Named("mixture",
            CheckBuffer(runner, data, norm, coordinates, data.mixture, runner.mixture_gradients(),
                        [&](const std::vector<double>& v) { runner.SetMixture(v); })));
  for (int i = 0; i < plan.inputs; ++i) {
    SSNAS_RETURN_IF_ERROR(Named(
        absl::StrCat("input ", i),
        CheckBuffer(runner, data, norm, coordinates, data.inputs[i], runner.input_gradients(i),
                    [&, i](const std::vector<double>& v) { runner.SetInput(i, v); })));
  }
  return absl::OkStatus();
}

template absl::StatusOr<NamedTensors> StepTensors(Engine<float>&, const BlockPlan&,
                                                  const BlockData&, NormMode, unsigned);
template absl::StatusOr<NamedTensors> StepTensors(Engine<double>&, const BlockPlan&,
                                                  const BlockData&, NormMode, unsigned);
template absl::Status CheckAgainstPlainLoops(Engine<float>&, const BlockPlan&, const BlockData&,
                                             NormMode);
template absl::Status CheckAgainstPlainLoops(Engine<double>&, const BlockPlan&, const BlockData&,
                                             NormMode);

}  // namespace ssnas
