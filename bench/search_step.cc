// Times the first-order search step: the project's engines against eager libtorch doing what
// quark0/darts does, on the same libtorch, machine and threads, each in a process of its own.
//
// ./bazelw run //bench:search_step -- --channels=16 --cells=8 --batch=32
//
// Prints a table by phase and, last, one JSON line. A step is one alpha step and one weight step;
// the batch counts rows of one forward pass; the loss is cross-entropy over 10 classes.
#include <gflags/gflags.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "bench/exactness.h"
#include "bench/machine_peak.h"
#include "bench/phase_table.h"
#include "bench/process.h"
#include "bench/step_programs.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/json_file.h"
#include "ssnas/core/memory/process_memory.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/engine/make_engine.h"
#include "ssnas/engine/pointwise.h"
#include "ssnas/engine/recompute.h"

DEFINE_int32(channels, 16, "Channels of the first cell.");
DEFINE_int32(cells, 8, "Cells.");
DEFINE_int32(batch, 32, "Rows of one forward pass.");
DEFINE_int32(image_size, 32, "Height and width of the images.");
DEFINE_string(engine, "fused",
              "Engines to time, by commas; the first is the JSON line's. Empty: peers alone.");
DEFINE_string(recompute, "cheap",
              "What the fused engine computes again in the backward pass: nothing, "
              "first_stage, cheap or all (ssnas/engine/recompute.h).");
DEFINE_string(pointwise, "float32",
              "What the fused engine multiplies in pointwise convolutions: float32 or bf16 "
              "(ssnas/engine/pointwise.h).");
DEFINE_int32(threads, 2, "Threads.");
DEFINE_int32(repetitions, 5, "Steps timed after the first; the fastest counts.");
DEFINE_int32(rounds, 1, "Runs of every program, in turn; the fastest counts.");
DEFINE_string(peers, "nchw,channels_last,alpha_only,nt_xent",
              "Peers to time. alpha_only: channels_last, only alpha gradients in the alpha step; "
              "nt_xent: the same with NT-Xent, batch/2 images, and the engine with it.");
DEFINE_int32(error_batch, 2, "Rows of the passes whose gradients are compared.");
DEFINE_int32(error_seeds, 5, "Seeds of these; the median counts. 0: gradients are not compared.");
DEFINE_string(child, "", "What this process is to measure; set by the program itself.");
DEFINE_int64(started_ns, 0, "When it was started; set by the program itself.");

namespace ssnas {
namespace {

using Json = nlohmann::ordered_json;

StepConfig ConfigOf(bool nt_xent) {
  return {.channels = FLAGS_channels,
          .cells = FLAGS_cells,
          .batch = FLAGS_batch,
          .image_size = FLAGS_image_size,
          .threads = FLAGS_threads,
          .repetitions = FLAGS_repetitions,
          .recompute = RecomputeByName(FLAGS_recompute).value_or(kDefaultRecompute),
          .pointwise = PointwiseByName(FLAGS_pointwise).value_or(Pointwise::kFloat32),
          .nt_xent = nt_xent,
          .started_ns = FLAGS_started_ns};
}

// ---- In a child.

Json ToJson(const TensorError& error) { return {{"error", error.error}, {"tensor", error.tensor}}; }

absl::StatusOr<Json> Errors(const std::string& engine) {
  SSNAS_ASSIGN_OR_RETURN(const Exactness found,
                         MeasureExactness({.engine = engine,
                                           .pointwise = ConfigOf(false).pointwise,
                                           .threads = FLAGS_threads,
                                           .channels = FLAGS_channels,
                                           .cells = FLAGS_cells,
                                           .batch = FLAGS_error_batch,
                                           .image_size = FLAGS_image_size,
                                           .seeds = FLAGS_error_seeds}));
  return Json{{"strict", ToJson(found.strict)},
              {"free", ToJson(found.free)},
              {"eager_nchw", ToJson(found.eager_nchw)},
              {"eager_channels_last", ToJson(found.eager_channels_last)},
              {"decisions", found.decisions},
              {"flipped", found.flipped}};
}

// "engine:NAME", "engine_nt_xent:NAME", "peer:KIND" or "errors:NAME".
absl::StatusOr<Json> Measure(const std::string& what) {
  const std::vector<std::string> parts = absl::StrSplit(what, absl::MaxSplits(':', 1));
  const std::string& name = parts.back();
  if (parts[0] == "engine") return TimeEngine(name, ConfigOf(false));
  if (parts[0] == "engine_nt_xent") return TimeEngine(name, ConfigOf(true));
  if (parts[0] == "errors") return Errors(name);
  if (parts[0] != "peer") return absl::InvalidArgumentError("--child=" + what);
  return TimePeer(name != "nchw", name == "alpha_only" || name == "nt_xent",
                  ConfigOf(name == "nt_xent"));
}

// ---- In the parent.

absl::StatusOr<Json> InChild(const std::string& what) {
  return RunChild(
      {absl::StrCat("--child=", what), absl::StrCat("--started_ns=", SteadyNanoseconds()),
       absl::StrCat("--channels=", FLAGS_channels), absl::StrCat("--cells=", FLAGS_cells),
       absl::StrCat("--batch=", FLAGS_batch), absl::StrCat("--image_size=", FLAGS_image_size),
       absl::StrCat("--threads=", FLAGS_threads), absl::StrCat("--repetitions=", FLAGS_repetitions),
       absl::StrCat("--recompute=", FLAGS_recompute), absl::StrCat("--pointwise=", FLAGS_pointwise),
       absl::StrCat("--error_batch=", FLAGS_error_batch),
       absl::StrCat("--error_seeds=", FLAGS_error_seeds)});
}

// The program's JSON under this title; "skipped" where it does not fit into memory.
absl::StatusOr<Json> Program(const std::string& title, const std::string& what,
                             int64_t needed_bytes) {
  std::fprintf(stderr, "  timing %s …\n", title.c_str());
  const int64_t free_bytes = FreeMemoryBytes();
  if (needed_bytes > free_bytes) {
    return Json{{"name", title},
                {"skipped", absl::StrFormat("does not fit: about %.1f GB, and %.1f GB are free",
                                            1e-9 * static_cast<double>(needed_bytes),
                                            1e-9 * static_cast<double>(free_bytes))}};
  }
  absl::StatusOr<Json> found = InChild(what);
  if (absl::IsResourceExhausted(found.status())) {
    return Json{{"name", title},
                {"skipped", absl::StrCat("does not fit: ", found.status().message())}};
  }
  SSNAS_RETURN_IF_ERROR(found.status());
  (*found)["name"] = title;
  return found;
}

struct Work {
  std::string title, what;
  int64_t needed_bytes;
};

absl::StatusOr<std::vector<Work>> WorkOf(const std::vector<std::string>& engines,
                                         const std::vector<std::string>& peers) {
  std::vector<Work> work;
  SSNAS_ASSIGN_OR_RETURN(const int64_t peer_bytes, PredictPeerBytes(ConfigOf(false)));
  bool nt_xent = false;
  for (const std::string& peer : peers) {
    nt_xent |= peer == "nt_xent";
    work.push_back({absl::StrCat("peer ", peer), absl::StrCat("peer:", peer), peer_bytes});
  }
  for (const std::string& engine : engines) {
    SSNAS_ASSIGN_OR_RETURN(const int64_t bytes, PredictEngineBytes(engine, ConfigOf(false)));
    work.push_back({engine, absl::StrCat("engine:", engine), bytes});
  }
  if (nt_xent && !engines.empty()) {
    SSNAS_ASSIGN_OR_RETURN(const int64_t bytes, PredictEngineBytes(engines[0], ConfigOf(true)));
    work.push_back(
        {absl::StrCat(engines[0], " nt_xent"), absl::StrCat("engine_nt_xent:", engines[0]), bytes});
  }
  return work;
}

// Of each its fastest round: a shared machine is slow for minutes at a time, and rounds in turn
// let every program have its share of the good ones.
absl::StatusOr<std::vector<Json>> Programs(const std::vector<std::string>& engines,
                                           const std::vector<std::string>& peers) {
  SSNAS_ASSIGN_OR_RETURN(const std::vector<Work> work, WorkOf(engines, peers));
  std::vector<Json> fastest(work.size());
  for (int round = 0; round < FLAGS_rounds; ++round) {
    for (size_t i = 0; i < work.size(); ++i) {
      if (fastest[i].contains("skipped")) continue;
      SSNAS_ASSIGN_OR_RETURN(Json program,
                             Program(work[i].title, work[i].what, work[i].needed_bytes));
      if (round == 0 || program.contains("skipped") || program["seconds"] < fastest[i]["seconds"]) {
        fastest[i] = std::move(program);
      }
    }
  }
  return fastest;
}

// A field of the program of this title, or null.
Json FieldOf(const std::vector<Json>& programs, const std::string& title, const char* field) {
  for (const Json& program : programs) {
    if (program["name"] == title && program.contains(field)) return program[field];
  }
  return nullptr;
}

Json Ratio(const Json& over, const Json& under) {
  if (over.is_null() || under.is_null()) return nullptr;
  return over.get<double>() / under.get<double>();
}

// The summary's part that compares programs.
void AddRatios(const std::string& engine, const std::vector<Json>& programs, Json* summary) {
  const Json seconds = FieldOf(programs, engine, "seconds");
  const Json bytes = FieldOf(programs, engine, "memory_bytes");
  const auto against = [&](const char* peer, const Json& own) {
    return Ratio(FieldOf(programs, peer, "seconds"), own);
  };
  (*summary)["speedup_vs_eager"] = against("peer nchw", seconds);
  (*summary)["speedup_vs_channels_last"] = against("peer channels_last", seconds);
  (*summary)["speedup_vs_alpha_only"] = against("peer alpha_only", seconds);
  (*summary)["speedup_vs_nt_xent"] =
      against("peer nt_xent", FieldOf(programs, engine + " nt_xent", "seconds"));
  (*summary)["memory_vs_eager"] = Ratio(bytes, FieldOf(programs, "peer nchw", "memory_bytes"));
  (*summary)["memory_preflight_ratio"] = Ratio(FieldOf(programs, engine, "preflight_bytes"), bytes);
  (*summary)["startup_seconds"] = FieldOf(programs, engine, "startup_seconds");
}

void AddErrors(const Json& errors, Json* summary) {
  const auto error = [&](const char* key) {
    return errors.is_null() ? Json(nullptr) : errors[key]["error"];
  };
  (*summary)["max_gradient_error"] = error("strict");
  (*summary)["free_gradient_error"] = error("free");
  const Json nchw = error("eager_nchw"), channels_last = error("eager_channels_last");
  (*summary)["eager_gradient_error"] =
      nchw.is_null() ? nchw : Json(std::max(nchw.get<double>(), channels_last.get<double>()));
  (*summary)["errors"] = errors;
  (*summary)["error_batch"] = FLAGS_error_batch;
}

// Five forward passes' worth of multiply-adds: two of the alpha step, three of the weight step.
void AddRoofline(const StepWork& work, const MachinePeak& peak, const Json& seconds,
                 Json* summary) {
  const double bound = 5.0 * 2.0 * static_cast<double>(work.multiply_adds) / (1e9 * peak.gflops);
  (*summary)["roofline_ratio"] = seconds.is_null() ? seconds : Json(bound / seconds.get<double>());
  (*summary)["bound_seconds"] = bound;
  (*summary)["forward_multiply_adds"] = work.multiply_adds;
  (*summary)["fused_mac_share"] = work.fused_share;
  (*summary)["fma_peak_gflops"] = peak.gflops;
  (*summary)["copy_gb_per_s"] = peak.copy_gb_per_s;
  (*summary)["target"] = peak.target;
}

Json Head(const std::string& engine) {
  return {{"engine", engine},
          {"channels", FLAGS_channels},
          {"cells", FLAGS_cells},
          {"batch", FLAGS_batch},
          {"image_size", FLAGS_image_size},
          {"threads", FLAGS_threads},
          {"recompute", FLAGS_recompute},
          {"pointwise", FLAGS_pointwise},
          {"repetitions", FLAGS_repetitions},
          {"rounds", FLAGS_rounds}};
}

void PrintSummary(const Json& summary) {
  const auto number = [&](const char* key) {
    return summary[key].is_null() ? std::string("not measured")
                                  : absl::StrFormat("%.3g", summary[key].get<double>());
  };
  std::printf("  against eager NCHW %s, channels_last %s, alpha gradients alone %s, NT-Xent %s\n",
              number("speedup_vs_eager").c_str(), number("speedup_vs_channels_last").c_str(),
              number("speedup_vs_alpha_only").c_str(), number("speedup_vs_nt_xent").c_str());
  std::printf("  gradient error, median of %d seeds at batch %d: strict %s, free %s; eager %s\n",
              FLAGS_error_seeds, FLAGS_error_batch, number("max_gradient_error").c_str(),
              number("free_gradient_error").c_str(), number("eager_gradient_error").c_str());
  std::printf("  bound %.0f ms at %.0f GFLOP/s: roofline ratio %s; on fused kernels %.1f %%\n",
              1e3 * summary["bound_seconds"].get<double>(),
              summary["fma_peak_gflops"].get<double>(), number("roofline_ratio").c_str(),
              100 * summary["fused_mac_share"].get<double>());
}

absl::Status CheckFlags(const std::vector<std::string>& engines,
                        const std::vector<std::string>& peers) {
  const auto wrong = [](const std::string& what) {
    return InArea(ErrorArea::kUser, absl::InvalidArgumentError(what));
  };
  for (const std::string& engine : engines) {
    SSNAS_RETURN_IF_ERROR(CheckEngine(engine, ConfigOf(false).pointwise));
  }
  if (!PointwiseByName(FLAGS_pointwise).has_value()) {
    return wrong(absl::StrCat("--pointwise=", FLAGS_pointwise, ": there is float32 and bf16"));
  }
  if (!RecomputeByName(FLAGS_recompute).has_value()) {
    return wrong(absl::StrCat("--recompute=", FLAGS_recompute,
                              ": there is nothing, first_stage, cheap and all"));
  }
  for (const std::string& peer : peers) {
    if (peer != "nchw" && peer != "channels_last" && peer != "alpha_only" && peer != "nt_xent") {
      return wrong(absl::StrCat("--peers=", FLAGS_peers, ": no peer is called '", peer, "'"));
    }
  }
  if (FLAGS_batch < 2 && FLAGS_peers.find("nt_xent") != std::string::npos) {
    return wrong("NT-Xent needs a batch of at least 2 rows; leave nt_xent out of --peers");
  }
  if (FLAGS_threads < 1 || FLAGS_batch < 1 || FLAGS_repetitions < 1 || FLAGS_error_batch < 1 ||
      FLAGS_error_seeds < 0) {
    return wrong(
        "--threads, --batch, --repetitions and --error_batch are at least 1, --error_seeds 0");
  }
  return absl::OkStatus();
}

absl::Status Compare() {
  const std::vector<std::string> engines = absl::StrSplit(FLAGS_engine, ',', absl::SkipEmpty());
  const std::string engine = engines.empty() ? "" : engines[0];
  const std::vector<std::string> peers = absl::StrSplit(FLAGS_peers, ',', absl::SkipEmpty());
  SSNAS_RETURN_IF_ERROR(CheckFlags(engines, peers));
  SSNAS_ASSIGN_OR_RETURN(const StepWork work, CountStepWork(engine, ConfigOf(false)));
  MachinePeak peak = MeasureMachinePeak(FLAGS_threads);
  std::printf("search step: C=%d, %d cells, batch %d, %d×%d, %d threads, %s\n", FLAGS_channels,
              FLAGS_cells, FLAGS_batch, FLAGS_image_size, FLAGS_image_size, FLAGS_threads,
              peak.target.c_str());
  std::fflush(stdout);
  SSNAS_ASSIGN_OR_RETURN(const std::vector<Json> programs, Programs(engines, peers));
  Json errors;
  if (FLAGS_error_seeds > 0 && !engines.empty()) {
    std::fprintf(stderr, "  comparing gradients …\n");
    SSNAS_ASSIGN_OR_RETURN(errors, InChild(absl::StrCat("errors:", engine)));
  }
  Json summary = Head(engine);
  AddRatios(engine, programs, &summary);
  AddErrors(errors, &summary);
  // The better of before and after: the bound is the machine's, not the moment's.
  const MachinePeak after = MeasureMachinePeak(FLAGS_threads);
  peak.gflops = std::max(peak.gflops, after.gflops);
  peak.copy_gb_per_s = std::max(peak.copy_gb_per_s, after.copy_gb_per_s);
  AddRoofline(work, peak, FieldOf(programs, engine, "seconds"), &summary);
  summary["programs"] = programs;
  std::printf("%s", PhaseTable(programs).c_str());
  PrintSummary(summary);
  std::printf("%s\n", JsonLine(summary).c_str());
  return absl::OkStatus();
}

absl::Status Main() {
  if (FLAGS_child.empty()) return Compare();
  SSNAS_ASSIGN_OR_RETURN(const Json found, Measure(FLAGS_child));
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
