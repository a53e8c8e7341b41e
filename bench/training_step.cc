// Times one training step of the derived DARTS_V2 network: the project's engines against eager
// libtorch in channels_last doing what quark0/darts' train.py does, each in a process of its own.
//
// ./bazelw run //bench:training_step -- --channels=36 --cells=20 --batch=32
//
// Auxiliary head, drop-path, cross-entropy over 10 classes, SGD. Prints a table by phase and, last,
// one JSON line. Source of the cell: DARTS, genotypes.py of quark0/darts.
#include <gflags/gflags.h>

#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "bench/batches.h"
#include "bench/peers/eager_derived.h"
#include "bench/peers/eager_step.h"
#include "bench/phase_json.h"
#include "bench/phase_table.h"
#include "bench/process.h"
#include "bench/time_steps.h"
#include "bench/timed_engine.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/json_file.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/core/thread_pool.h"
#include "ssnas/engine/make_engine.h"
#include "ssnas/engine/recompute.h"
#include "ssnas/networks/genotype.h"
#include "ssnas/networks/network_plan.h"
#include "ssnas/training/model.h"
#include "ssnas/training/optimizer.h"

DEFINE_int32(channels, 36, "Channels of the first cell.");
DEFINE_int32(cells, 20, "Cells.");
DEFINE_int32(batch, 32, "Images.");
DEFINE_int32(image_size, 32, "Height and width of the images.");
DEFINE_double(drop_path, 0.1, "Drop-path probability: half of what DARTS reaches at the end.");
DEFINE_string(engine, "fused", "Engines to time, by commas; the first is the JSON line's.");
DEFINE_string(recompute, "cheap,all",
              "Levels of the fused engine (ssnas/engine/recompute.h), by commas; the first is the "
              "JSON line's.");
DEFINE_int32(threads, 2, "Threads.");
DEFINE_int32(repetitions, 5, "Steps timed after the first; the fastest counts.");
DEFINE_string(child, "", "What this process is to measure; set by the program itself.");
DEFINE_int64(started_ns, 0, "When it was started; set by the program itself.");

namespace ssnas {
namespace {

using Json = nlohmann::ordered_json;

constexpr uint64_t kSeed = 1;
constexpr double kAuxiliaryWeight = 0.4, kLearningRate = 0.025, kMomentum = 0.9;
constexpr double kWeightDecay = 3e-4, kClipNorm = 5;
constexpr char kPeer[] = "eager channels_last";
constexpr char kDartsV2[] =
    "Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), "
    "('sep_conv_3x3', 1), ('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0), "
    "('dil_conv_3x3', 2)], normal_concat=range(2, 6), reduce=[('max_pool_3x3', 0), "
    "('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 1), ('max_pool_3x3', 0), "
    "('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)], reduce_concat=range(2, 6))";

// "first_loss" is that of the first step: the same for every program when nothing is dropped.
absl::StatusOr<Json> TimeEngine(const std::string& name) {
  ThreadPool threads(FLAGS_threads);
  SSNAS_ASSIGN_OR_RETURN(
      auto inner,
      MakeEngine(name,
                 {.threads = &threads,
                  .recompute = RecomputeByName(FLAGS_recompute).value_or(kDefaultRecompute)}));
  const std::string full_name = inner->name();
  BlockTimes times;
  TimedEngine engine(std::move(inner), &times);
  SSNAS_ASSIGN_OR_RETURN(const Architecture cell, ParseArchitecture(kDartsV2, "DARTS_V2"));
  SSNAS_ASSIGN_OR_RETURN(NetworkPlan plan, PlanDerived(cell, {.cells = FLAGS_cells,
                                                              .channels = FLAGS_channels,
                                                              .image_size = FLAGS_image_size,
                                                              .stem = NetworkSpec::CIFAR,
                                                              .auxiliary = true}));
  PluginSpec objective;
  objective.set_name("cross_entropy");
  SSNAS_ASSIGN_OR_RETURN(const auto model,
                         Model::Create(std::move(plan), engine, objective, kBenchClasses, kSeed,
                                       threads.parallel_for()));
  const BenchBatch batch = RandomBatch(FLAGS_batch, FLAGS_image_size, kSeed);
  std::vector<float> velocity(model->weights().size());
  uint64_t step = 0;
  double first_loss = 0;
  const auto train = [&]() -> absl::StatusOr<Json> {
    times.clear();
    const int64_t begin = SteadyNanoseconds();
    std::vector<float> gradient(model->weights().size());
    SSNAS_ASSIGN_OR_RETURN(const LossValue value,
                           model->Pass({.images = batch.view(),
                                        .labels = batch.labels,
                                        .norm = NormMode::kBatchAndUpdate,
                                        .drop_path = FLAGS_drop_path,
                                        .auxiliary_weight = kAuxiliaryWeight,
                                        .seed = kSeed,
                                        .step = ++step,
                                        .weight_gradients = gradient.data()}));
    const ParallelFor parallel_for = threads.parallel_for();
    SgdStep({.learning_rate = kLearningRate,
             .momentum = kMomentum,
             .weight_decay = kWeightDecay,
             .gradient_scale = ClipScale(kClipNorm, GradientNorm(gradient, parallel_for))},
            gradient, absl::MakeSpan(velocity), absl::MakeSpan(model->weights()), parallel_for);
    if (step == 1) first_loss = value.loss;
    return Json{{"train", PhasesJson(SplitStep(times, begin, SteadyNanoseconds()).front())}};
  };
  SSNAS_ASSIGN_OR_RETURN(Json result, TimeSteps(FLAGS_repetitions, FLAGS_started_ns, train));
  result["name"] = full_name;
  result["first_loss"] = first_loss;
  return result;
}

std::vector<EagerEdge> EagerEdges(const CellGenotype& cell) {
  std::vector<EagerEdge> edges;
  for (const Edge& edge : cell.edge()) edges.push_back({edge.operation().name(), edge.from()});
  return edges;
}

absl::StatusOr<Json> TimePeer() {
  SetEagerThreads(FLAGS_threads);
  SSNAS_ASSIGN_OR_RETURN(const Architecture cell, ParseArchitecture(kDartsV2, "DARTS_V2"));
  const auto peer = EagerDerived::Create({.normal = EagerEdges(cell.normal()),
                                          .reduction = EagerEdges(cell.reduction()),
                                          .channels = FLAGS_channels,
                                          .cells = FLAGS_cells,
                                          .image_size = FLAGS_image_size,
                                          .drop_path = FLAGS_drop_path,
                                          .auxiliary_weight = kAuxiliaryWeight,
                                          .seed = kSeed});
  peer->SetBatch(RandomBatch(FLAGS_batch, FLAGS_image_size, kSeed));
  double first_loss = 0;
  bool first = true;
  SSNAS_ASSIGN_OR_RETURN(
      Json result, TimeSteps(FLAGS_repetitions, FLAGS_started_ns, [&]() -> absl::StatusOr<Json> {
        const EagerTraining training = peer->Step();
        if (std::exchange(first, false)) first_loss = training.loss;
        return Json{{"train", PhasesJson(training.seconds)}};
      }));
  result["name"] = kPeer;
  result["first_loss"] = first_loss;
  return result;
}

absl::StatusOr<Json> InChild(const std::string& what, const std::string& recompute) {
  std::fprintf(stderr, "  timing %s, recompute %s …\n", what.c_str(), recompute.c_str());
  absl::StatusOr<Json> found = RunChild(
      {absl::StrCat("--child=", what), absl::StrCat("--started_ns=", SteadyNanoseconds()),
       absl::StrCat("--channels=", FLAGS_channels), absl::StrCat("--cells=", FLAGS_cells),
       absl::StrCat("--batch=", FLAGS_batch), absl::StrCat("--image_size=", FLAGS_image_size),
       absl::StrCat("--drop_path=", FLAGS_drop_path), absl::StrCat("--threads=", FLAGS_threads),
       absl::StrCat("--recompute=", recompute), absl::StrCat("--repetitions=", FLAGS_repetitions)});
  if (!absl::IsResourceExhausted(found.status())) return found;
  return Json{{"name", what},
              {"skipped", absl::StrCat("does not fit: ", found.status().message())}};
}

Json Ratio(const Json& over, const Json& under, const char* field) {
  if (!over.contains(field) || !under.contains(field)) return nullptr;
  return over[field].get<double>() / under[field].get<double>();
}

absl::Status CompareAll() {
  const std::vector<std::string> engines = absl::StrSplit(FLAGS_engine, ',');
  for (const std::string& engine : engines) {
    SSNAS_RETURN_IF_ERROR(MakeEngine(engine, {}).status());
  }
  if (FLAGS_batch < 1 || FLAGS_repetitions < 1 || FLAGS_threads < 1) {
    return absl::InvalidArgumentError("--batch, --repetitions and --threads are at least 1");
  }
  const std::vector<std::string> levels = absl::StrSplit(FLAGS_recompute, ',');
  for (const std::string& level : levels) {
    if (RecomputeByName(level).has_value()) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("--recompute: no level '", level, "': nothing, first_stage, cheap or all"));
  }
  std::vector<Json> programs;
  SSNAS_ASSIGN_OR_RETURN(Json peer, InChild(kPeer, "nothing"));
  programs.push_back(std::move(peer));
  for (const std::string& engine : engines) {
    for (const std::string& level : levels) {
      if (engine != "fused" && level != levels.front()) continue;
      SSNAS_ASSIGN_OR_RETURN(Json program, InChild(engine, level));
      program["speedup_vs_channels_last"] = Ratio(programs[0], program, "seconds");
      program["memory_vs_channels_last"] = Ratio(program, programs[0], "memory_bytes");
      programs.push_back(std::move(program));
    }
  }
  std::printf("training step: DARTS_V2, C=%d, %d cells, batch %d, %d×%d, %d threads\n%s",
              FLAGS_channels, FLAGS_cells, FLAGS_batch, FLAGS_image_size, FLAGS_image_size,
              FLAGS_threads, PhaseTable(programs).c_str());
  const Json summary = {{"engine", engines[0]},
                        {"channels", FLAGS_channels},
                        {"cells", FLAGS_cells},
                        {"batch", FLAGS_batch},
                        {"image_size", FLAGS_image_size},
                        {"threads", FLAGS_threads},
                        {"speedup_vs_channels_last", programs[1]["speedup_vs_channels_last"]},
                        {"memory_vs_channels_last", programs[1]["memory_vs_channels_last"]},
                        {"programs", programs}};
  std::printf("%s\n", JsonLine(summary).c_str());
  return absl::OkStatus();
}

absl::Status Main() {
  if (FLAGS_child.empty()) return CompareAll();
  SSNAS_ASSIGN_OR_RETURN(const Json found,
                         FLAGS_child == kPeer ? TimePeer() : TimeEngine(FLAGS_child));
  std::printf("%s\n", JsonLine(found).c_str());
  return absl::OkStatus();
}

}  // namespace
}  // namespace ssnas

int main(int argc, char** argv) {
  gflags::ParseCommandLineFlags(&argc, &argv, /*remove_flags=*/true);
  const absl::Status status = ssnas::Main();
  if (!status.ok()) std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return ssnas::ExitCode(status);
}
