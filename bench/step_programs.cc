#include "bench/step_programs.h"

#include <memory>
#include <utility>
#include <vector>

#include "bench/batches.h"
#include "bench/peers/eager_step.h"
#include "bench/peers/eager_supernet.h"
#include "bench/phase_json.h"
#include "bench/process.h"
#include "bench/time_steps.h"
#include "bench/timed_engine.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/core/thread_pool.h"
#include "ssnas/engine/make_engine.h"
#include "ssnas/engine/reference/reference_engine.h"
#include "ssnas/networks/counting.h"
#include "ssnas/networks/darts_space.h"
#include "ssnas/training/memory.h"
#include "ssnas/training/search_step.h"

namespace ssnas {
namespace {

using Json = nlohmann::ordered_json;

constexpr uint64_t kSeed = 1;
constexpr double kStartSpread = 1e-3;  // of the alphas, as DARTS begins
// Eager keeps what the count leaves out, and the gradients of a cell: 1.24 times what is saved was
// measured (C=8, 5 cells, batch 16).
constexpr double kPeerOverSaved = 1.25;

Shape4 Images(const StepConfig& config) {
  return {config.batch, config.image_size, config.image_size, 3};
}

absl::StatusOr<NetworkPlan> Plan(const StepConfig& config) {
  return PlanSupernet(DartsSpace(), config.cells, config.channels, 3);
}

TrainingBatch Half(const BenchBatch& batch, bool nt_xent) {
  TrainingBatch half{.images = batch.view()};
  if (!nt_xent) half.labels = batch.labels;
  return half;
}

}  // namespace

absl::StatusOr<Json> TimeEngine(const std::string& engine_name, const StepConfig& config) {
  ThreadPool threads(config.threads);
  SSNAS_ASSIGN_OR_RETURN(auto inner, MakeEngine(engine_name, {.threads = &threads,
                                                              .recompute = config.recompute,
                                                              .pointwise = config.pointwise}));
  BlockTimes times;
  TimedEngine engine(std::move(inner), &times);
  SSNAS_ASSIGN_OR_RETURN(NetworkPlan plan, Plan(config));
  PluginSpec objective;
  objective.set_name(config.nt_xent ? "nt_xent" : "cross_entropy");
  SSNAS_ASSIGN_OR_RETURN(const auto model,
                         Model::Create(std::move(plan), engine, objective, kBenchClasses, kSeed,
                                       threads.parallel_for()));
  SearchState state;
  state.alphas = RandomAlphas(kStartSpread, kSeed);
  state.adam_m.resize(state.alphas.size());
  state.adam_v.resize(state.alphas.size());
  state.velocity.resize(model->weights().size());
  const BenchBatch alpha_batch = RandomBatch(config.batch, config.image_size, kSeed);
  const BenchBatch weight_batch = RandomBatch(config.batch, config.image_size, kSeed + 1);
  const SearchSpec spec;
  SSNAS_ASSIGN_OR_RETURN(
      Json result, TimeSteps(config.repetitions, config.started_ns, [&]() -> absl::StatusOr<Json> {
        times.clear();
        const int64_t begin = SteadyNanoseconds();
        SSNAS_RETURN_IF_ERROR(SearchStep(spec, spec.weights().learning_rate(),
                                         Half(alpha_batch, config.nt_xent),
                                         Half(weight_batch, config.nt_xent), *model, state)
                                  .status());
        const std::vector<PassPhases> passes = SplitStep(times, begin, SteadyNanoseconds());
        return Json{{"alpha", PhasesJson(passes.front())}, {"weight", PhasesJson(passes.back())}};
      }));
  result["name"] = engine_name;
  SSNAS_ASSIGN_OR_RETURN(const int64_t predicted, PredictEngineBytes(engine_name, config));
  result["preflight_bytes"] = predicted;
  return result;
}

absl::StatusOr<Json> TimePeer(bool channels_last, bool alpha_only, const StepConfig& config) {
  SetEagerThreads(config.threads);
  const auto peer = EagerSupernet::Create({.channels = config.channels,
                                           .cells = config.cells,
                                           .channels_last = channels_last,
                                           .alpha_only = alpha_only,
                                           .nt_xent = config.nt_xent,
                                           .seed = kSeed});
  peer->SetAlphas(RandomAlphas(kStartSpread, kSeed));
  peer->SetBatches(RandomBatch(config.batch, config.image_size, kSeed),
                   RandomBatch(config.batch, config.image_size, kSeed + 1));
  SSNAS_ASSIGN_OR_RETURN(
      Json result, TimeSteps(config.repetitions, config.started_ns, [&]() -> absl::StatusOr<Json> {
        const EagerStep step = peer->Step();
        return Json{{"alpha", PhasesJson(step.alpha)}, {"weight", PhasesJson(step.weight)}};
      }));
  result["name"] = channels_last ? "eager channels_last" : "eager NCHW";
  SSNAS_ASSIGN_OR_RETURN(const int64_t predicted, PredictPeerBytes(config));
  result["preflight_bytes"] = predicted;
  return result;
}

absl::StatusOr<int64_t> PredictEngineBytes(const std::string& engine_name,
                                           const StepConfig& config) {
  SSNAS_ASSIGN_OR_RETURN(
      const auto engine,
      MakeEngine(engine_name, {.recompute = config.recompute, .pointwise = config.pointwise}));
  SSNAS_ASSIGN_OR_RETURN(const NetworkPlan plan, Plan(config));
  ParameterLayout weights, running_statistics;
  plan.AddParameters(&weights, &running_statistics);
  SSNAS_ASSIGN_OR_RETURN(const int64_t saved, SavedBytes(*engine, plan, Images(config)));
  return saved + weights.size() * static_cast<int64_t>(sizeof(float));
}

absl::StatusOr<int64_t> PredictPeerBytes(const StepConfig& config) {
  // Only to count: the peer has set libtorch's threads, which may be done once.
  const auto engine = MakeReferenceEngine<float>();
  SSNAS_ASSIGN_OR_RETURN(const NetworkPlan plan, Plan(config));
  SSNAS_ASSIGN_OR_RETURN(const int64_t saved, SavedBytes(*engine, plan, Images(config)));
  return static_cast<int64_t>(kPeerOverSaved * static_cast<double>(saved));
}

absl::StatusOr<StepWork> CountStepWork(const std::string& engine, const StepConfig& config) {
  SSNAS_ASSIGN_OR_RETURN(const NetworkPlan plan, Plan(config));
  SSNAS_ASSIGN_OR_RETURN(const NetworkWork work,
                         CountWork(plan, config.image_size, 3, kBenchClasses));
  SSNAS_ASSIGN_OR_RETURN(const std::vector<Shape4> outputs, plan.Shapes(Images(config)));
  int64_t all = 0, fused = 0;
  for (const PlannedBlock& block : plan.blocks) {
    std::vector<Shape4> inputs;
    for (const int input : block.inputs) {
      inputs.push_back(input == kImages ? Images(config) : outputs[input]);
    }
    SSNAS_ASSIGN_OR_RETURN(const std::vector<Shape4> states, block.plan.Shapes(inputs));
    for (const NodePlan& node : block.plan.nodes) {
      for (const EdgePlan& edge : node.edges) {
        for (const CandidatePlan& candidate : edge.candidates) {
          SSNAS_ASSIGN_OR_RETURN(const int64_t count,
                                 candidate.recipe.MultiplyAdds(states[edge.from]));
          all += count;
          if (RunsFused(engine, candidate.recipe)) fused += count;
        }
      }
    }
  }
  return StepWork{.multiply_adds = work.multiply_adds * config.batch,
                  .fused_share = static_cast<double>(fused) / static_cast<double>(all)};
}

}  // namespace ssnas
