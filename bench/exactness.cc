#include "bench/exactness.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "bench/batches.h"
#include "bench/peers/eager_supernet.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/core/thread_pool.h"
#include "ssnas/engine/decisions.h"
#include "ssnas/engine/make_engine.h"
#include "ssnas/engine/reference/reference_engine.h"
#include "ssnas/networks/darts_space.h"
#include "ssnas/networks/network.h"
#include "ssnas/objectives/objective.h"

namespace ssnas {
namespace {

template <typename T>
std::vector<double> Slice(const std::vector<T>& values, int64_t offset, int64_t count) {
  return {values.begin() + offset, values.begin() + offset + count};
}

template <typename T>
void AddAlphas(const std::vector<T>& alphas, NamedTensors* tensors) {
  const int64_t half = static_cast<int64_t>(alphas.size()) / 2;
  (*tensors)["alphas.normal"] = Slice(alphas, 0, half);
  (*tensors)["alphas.reduction"] = Slice(alphas, half, half);
}

// One seed's data.
struct Problem {
  BenchBatch batch;
  std::vector<float> alphas;
  uint64_t seed = 0;
};

// Everything that a supernet of one precision computes from it.
template <typename T>
absl::StatusOr<NamedTensors> Differentiate(Engine<T>& engine, const NetworkPlan& plan,
                                           const Problem& problem) {
  SSNAS_ASSIGN_OR_RETURN(auto network, Network<T>::Create(plan, engine));
  PluginSpec spec;
  spec.set_name("cross_entropy");
  SSNAS_ASSIGN_OR_RETURN(const auto objective, CreatePlugin<Objective>(spec));
  const ObjectiveContext context{.representation_size = network->representation_size(),
                                 .num_classes = kBenchClasses};
  SSNAS_ASSIGN_OR_RETURN(const std::vector<ParameterSpec> head, objective->Parameters(context));
  ParameterLayout layout = network->weights();
  for (const ParameterSpec& parameter : head) layout.Add(parameter);
  const std::vector<float> initial = InitialValues<float>(layout, problem.seed);
  const std::vector<T> weights(initial.begin(), initial.end());
  const std::vector<T> alphas(problem.alphas.begin(), problem.alphas.end());
  const std::vector<T> images(problem.batch.images.begin(), problem.batch.images.end());

  constexpr unsigned kAll = kWeightGradients | kAlphaGradients | kInputGradients;
  NetworkOutputs<T> outputs;
  SSNAS_RETURN_IF_ERROR(network->Forward(
      {images.data(), problem.batch.shape},
      {.weights = weights.data(), .alphas = alphas.data(), .gradients = kAll}, &outputs));
  std::vector<T> weight_gradients(weights.size()), alpha_gradients(alphas.size());
  std::vector<T> image_gradients(images.size()), h_gradients(outputs.representation.size());
  const int64_t head_offset = network->weights().size();
  SSNAS_RETURN_IF_ERROR(
      objective
          ->Evaluate(context,
                     ObjectiveArgs<T>{.rows = problem.batch.shape.n,
                                      .representation = outputs.representation.data(),
                                      .labels = problem.batch.labels,
                                      .weights = weights.data() + head_offset,
                                      .weight_gradients = weight_gradients.data() + head_offset,
                                      .representation_gradients = h_gradients.data()})
          .status());
  SSNAS_RETURN_IF_ERROR(network->Backward({.representation = h_gradients.data(),
                                           .gradients = kAll,
                                           .weight_gradients = weight_gradients.data(),
                                           .alpha_gradients = alpha_gradients.data(),
                                           .image_gradients = image_gradients.data()}));
  NamedTensors tensors;
  for (size_t i = 0; i < layout.specs().size(); ++i) {
    const ParameterSpec& parameter = layout.specs()[i];
    tensors[parameter.name] =
        Slice(weight_gradients, layout.offset(static_cast<int>(i)), parameter.count());
  }
  AddAlphas(alpha_gradients, &tensors);
  tensors["images"] = {image_gradients.begin(), image_gradients.end()};
  tensors["representation"] = {outputs.representation.begin(), outputs.representation.end()};
  return tensors;
}

NamedTensors DifferentiateEager(const ExactnessOptions& options, bool channels_last,
                                const Problem& problem) {
  const auto peer = EagerSupernet::Create({.channels = options.channels,
                                           .cells = options.cells,
                                           .channels_last = channels_last,
                                           .seed = problem.seed});
  peer->SetAlphas(problem.alphas);
  const EagerGradients found = peer->Gradients(problem.batch);
  NamedTensors tensors;
  for (const auto& [name, values] : found.weights) tensors[name] = {values.begin(), values.end()};
  AddAlphas(found.alphas, &tensors);
  tensors["images"] = {found.images.begin(), found.images.end()};
  tensors["representation"] = {found.representation.begin(), found.representation.end()};
  return tensors;
}

absl::StatusOr<Exactness> MeasureSeed(const ExactnessOptions& options, const NetworkPlan& plan,
                                      uint64_t seed) {
  const Problem problem{.batch = RandomBatch(options.batch, options.image_size, seed),
                        .alphas = RandomAlphas(1.0, seed),
                        .seed = seed};
  ThreadPool threads(options.threads);
  DecisionTrace taken, own;
  SSNAS_ASSIGN_OR_RETURN(
      const auto engine,
      MakeEngine(options.engine,
                 {.threads = &threads, .pointwise = options.pointwise, .record = &taken}));
  SSNAS_ASSIGN_OR_RETURN(const NamedTensors found, Differentiate(*engine, plan, problem));
  const auto free = MakeReferenceEngine<double>({.record = &own});
  SSNAS_ASSIGN_OR_RETURN(const NamedTensors exact, Differentiate(*free, plan, problem));
  Exactness result{.strict = {std::nan(""), "no decisions were recorded"}};
  if (taken.Count() > 0) {
    const auto strict = MakeReferenceEngine<double>({.replay = &taken});
    SSNAS_ASSIGN_OR_RETURN(const NamedTensors replayed, Differentiate(*strict, plan, problem));
    SSNAS_ASSIGN_OR_RETURN(result.strict, WorstError(found, replayed));
    result.decisions = own.Count();
    result.flipped = own.CountDifferent(taken);
  }
  SSNAS_ASSIGN_OR_RETURN(result.free, WorstError(found, exact));
  SSNAS_ASSIGN_OR_RETURN(result.eager_nchw,
                         WorstError(DifferentiateEager(options, false, problem), exact));
  SSNAS_ASSIGN_OR_RETURN(result.eager_channels_last,
                         WorstError(DifferentiateEager(options, true, problem), exact));
  return result;
}

TensorError Median(const std::vector<Exactness>& runs, TensorError Exactness::*part) {
  std::vector<TensorError> errors;
  for (const Exactness& run : runs) errors.push_back(run.*part);
  const auto middle = errors.begin() + static_cast<int64_t>(errors.size() / 2);
  std::nth_element(errors.begin(), middle, errors.end(),
                   [](const TensorError& a, const TensorError& b) { return a.error < b.error; });
  return *middle;
}

}  // namespace

absl::StatusOr<Exactness> MeasureExactness(const ExactnessOptions& options) {
  SSNAS_ASSIGN_OR_RETURN(const NetworkPlan plan,
                         PlanSupernet(DartsSpace(), options.cells, options.channels, 3));
  if (options.seeds < 1) return absl::InvalidArgumentError("errors of no seed");
  std::vector<Exactness> runs;
  Exactness result;
  for (int seed = 1; seed <= options.seeds; ++seed) {
    SSNAS_ASSIGN_OR_RETURN(const Exactness run, MeasureSeed(options, plan, seed));
    result.decisions += run.decisions;
    result.flipped += run.flipped;
    runs.push_back(run);
  }
  for (TensorError Exactness::*part : {&Exactness::strict, &Exactness::free, &Exactness::eager_nchw,
                                       &Exactness::eager_channels_last}) {
    result.*part = Median(runs, part);
  }
  return result;
}

}  // namespace ssnas
