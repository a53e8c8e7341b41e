#include "tools/experiment_main.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "ssnas/core/cpu.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/file.h"
#include "ssnas/core/logging.h"
#include "ssnas/core/out_of_memory.h"
#include "ssnas/core/readable.h"
#include "ssnas/core/run_folder.h"
#include "ssnas/core/shutdown.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/core/thread_pool.h"
#include "ssnas/core/version.h"
#include "ssnas/engine/make_engine.h"
#include "ssnas/engine/pointwise.h"
#include "ssnas/engine/recompute.h"
#include "ssnas/export/export_network.h"
#include "ssnas/report/report.h"
#include "ssnas/spec/spec.h"
#include "ssnas/training/budget/budget.h"
#include "ssnas/training/data_source.h"
#include "ssnas/training/run_context.h"
#include "ssnas/training/sheets/view_sheet.h"
#include "ssnas/training/stage_graph.h"
#include "ssnas/training/summary.h"
#include "tools/command_line.h"

namespace ssnas {
namespace {

// The commit of the checkout that this was started from, read from its .git; empty when there is
// none.
std::string Commit() {
  const char* workspace = std::getenv("BUILD_WORKSPACE_DIRECTORY");
  if (workspace == nullptr) return "";
  const std::string git = JoinPath(workspace, ".git");
  absl::StatusOr<std::string> head = ReadFile(JoinPath(git, "HEAD"), 1 << 12);
  if (!head.ok()) return "";
  absl::string_view reference = absl::StripAsciiWhitespace(*head);
  if (!absl::ConsumePrefix(&reference, "ref: ")) return std::string(reference);
  absl::StatusOr<std::string> hash = ReadFile(JoinPath(git, reference), 1 << 12);
  return hash.ok() ? std::string(absl::StripAsciiWhitespace(*hash)) : "";
}

absl::StatusOr<ExperimentSpec> ReadSpec(const CommandLine& line) {
  if (line.spec.empty()) {
    return InArea(ErrorArea::kUser,
                  absl::InvalidArgumentError(
                      "no --spec=FILE given. See --help, and experiments/ for specs."));
  }
  auto text = ReadFile(UserPath(line.spec), /*max_bytes=*/1 << 24);
  if (!text.ok()) return InArea(ErrorArea::kUser, text.status());
  SSNAS_ASSIGN_OR_RETURN(const ExperimentSpec spec, LoadSpec(*text, line.spec, line.sets));
  return ResolveSpec(spec);
}

// runs/<name>, or runs/<name>_seed_<n> when --seed asks for another one than the spec's own.
std::string OutputDir(const CommandLine& line, const ExperimentSpec& spec) {
  if (!line.output_dir.empty()) return UserPath(line.output_dir);
  std::string name = absl::StrCat("runs/", spec.name());
  if (line.seed.has_value() && *line.seed != 1) absl::StrAppend(&name, "_seed_", *line.seed);
  return UserPath(name);
}

// What a resume must match: all but the settings that change no result, or only what comes after.
std::string IdentitySpec(ExperimentSpec spec) {
  spec.mutable_runtime()->clear_threads();
  spec.mutable_runtime()->clear_loader_threads();
  // What it did is in the metrics; a run that it stopped may go on under another.
  spec.mutable_runtime()->clear_on_bad_step();
  spec.mutable_runtime()->clear_max_bad_steps();
  return PrintSpec(spec, /*comments=*/false);
}

std::string EngineName(const RuntimeSpec& runtime) {
  return absl::AsciiStrToLower(RuntimeSpec::Engine_Name(runtime.engine()));
}

Pointwise PointwiseOf(const RuntimeSpec& runtime) {
  return runtime.pointwise() == RuntimeSpec::BFLOAT16 ? Pointwise::kBf16 : Pointwise::kFloat32;
}

// The engine that the spec names, on these threads.
absl::StatusOr<std::unique_ptr<Engine<float>>> EngineOf(const RuntimeSpec& runtime,
                                                        ThreadPool* threads) {
  const std::string recompute =
      absl::AsciiStrToLower(RuntimeSpec::Recompute_Name(runtime.recompute()));
  return MakeEngine(EngineName(runtime),
                    {.threads = threads,
                     .recompute = RecomputeByName(recompute).value_or(kDefaultRecompute),
                     .pointwise = PointwiseOf(runtime)});
}

// "Fashion-MNIST · 60,000 training and 10,000 test images"; the name alone where the counts are not
// known before the files are read.
std::string DataText(const DatasetInfo& data) {
  if (data.train_size == 0) return data.title;
  return absl::StrCat(data.title, " · ", Grouped(data.train_size), " training and ",
                      Grouped(data.test_size), " test images");
}

void PrintHeader(const ExperimentSpec& spec, const RunFolder& folder, const DatasetInfo& data,
                 const std::vector<Stage>& stages) {
  std::printf("SSNAS %s · %s · seed %d · CPU %s, %d threads · run folder %s\n", kVersion,
              spec.name().c_str(), static_cast<int>(spec.seed()), CpuFeatures().c_str(),
              folder.threads(), folder.path().c_str());
  std::printf("  plan   %s → report\n", DescribeStages(stages).c_str());
  std::printf("  data   %s\n\n", DataText(data).c_str());
  std::fflush(stdout);
}

// How many images a data set has that did not know it before they were read, and which files it
// could not use.
void PrintImages(const DataSource& data, const ImageSet& images) {
  constexpr size_t kShown = 5;
  if (data.info().train_size > 0) return;  // The header has said it.
  const std::vector<LeftOutFile> left_out = data.LeftOut();
  std::printf("  data   %s training images", Grouped(images.size()).c_str());
  if (!left_out.empty()) {
    std::printf("; %s left out:",
                left_out.size() == 1
                    ? "1 file is"
                    : absl::StrCat(Grouped(left_out.size()), " files are").c_str());
  }
  std::printf("\n");
  for (size_t i = 0; i < std::min(left_out.size(), kShown); ++i) {
    std::printf("           %s %s\n", left_out[i].file.c_str(), left_out[i].reason.c_str());
  }
  if (left_out.size() > kShown) std::printf("           … all of them: report.html\n");
  std::printf("\n");
  std::fflush(stdout);
}

void PrintEnd(const RunFolder& folder, const nlohmann::ordered_json& summary,
              const CommandLine& line, bool has_cell, bool has_model) {
  std::printf("\n");
  if (!summary["networks"].empty()) std::printf("%s\n", ResultTable(summary).c_str());
  const std::string& path = folder.path();
  if (has_cell) std::printf("  cell     %s\n", JoinPath(path, "architecture.textproto").c_str());
  if (has_model) {
    std::printf("  weights  %s\n", JoinPath(path, "model.safetensors").c_str());
    const std::string python = JoinPath(path, "model.py");
    if (PathExists(python)) std::printf("  PyTorch  %s\n", python.c_str());
  }
  std::printf("  report   %s        ← open this\n", JoinPath(path, "report.html").c_str());
  std::printf(
      "  again    %s --seed=2      start over: --overwrite      every option: --print_spec\n",
      line.example.c_str());
}

// Before a run is made: whether images and memory are enough, and its budget as step counts. One
// that is taken up keeps those it has.
absl::Status PrepareRun(const CommandLine& line, DataSource& data, const ProgressOptions& progress,
                        ExperimentSpec* spec) {
  const std::string folder = OutputDir(line, *spec);
  if (RunFolder::HoldsRun(folder) && !line.overwrite) {
    if (line.budget_minutes == 0) return absl::OkStatus();
    std::printf("  budget as counted when this run began\n");
    return TakeStepCounts(folder, spec);
  }
  ThreadPool threads(ResolveThreads(spec->runtime().threads()));
  SSNAS_ASSIGN_OR_RETURN(const std::unique_ptr<Engine<float>> engine,
                         EngineOf(spec->runtime(), &threads));
  const RunContext context{.spec = spec,
                           .data = &data,
                           .engine = engine.get(),
                           .parallel_for = threads.parallel_for(),
                           .progress = progress};
  SSNAS_RETURN_IF_ERROR(PreflightStages(context, StagesUpTo(BuildStages(*spec), line.until)));
  return line.budget_minutes == 0 ? absl::OkStatus()
                                  : SpendBudget(context, line.budget_minutes, spec);
}

absl::Status RunExperiment(const CommandLine& line, ExperimentSpec spec) {
  SSNAS_RETURN_IF_ERROR(CheckEngine(EngineName(spec.runtime()), PointwiseOf(spec.runtime())));
  DatasetContext dataset_context{.data_dir = line.data_dir.empty() ? "" : UserPath(line.data_dir),
                                 .seed = spec.seed()};
  SSNAS_ASSIGN_OR_RETURN(auto data, DataSource::Create(spec.dataset(), dataset_context));
  const ProgressOptions progress{.out = stdout, .terminal = isatty(STDOUT_FILENO) != 0};
  data->SetPreparation(&progress, ResolveThreads(spec.runtime().threads()));
  // A run is made or taken up only when its data and engine can be used, and made only when it fits
  // in memory: the spec in its folder would be in the way of a setting that an error tells to
  // change.
  SSNAS_ASSIGN_OR_RETURN(const ImageSet* images, data->Images(Split::kTrain));
  SSNAS_RETURN_IF_ERROR(PrepareRun(line, *data, progress, &spec));
  const RunIdentity identity{.experiment = spec.name(),
                             .spec = IdentitySpec(spec),
                             .threads = spec.runtime().threads(),
                             .cpu = CpuFeatures(),
                             .data = images->Digest()};
  auto opened = RunFolder::Open(OutputDir(line, spec), identity, line.overwrite);
  if (!opened.ok()) return InArea(ErrorArea::kRunFolder, opened.status());
  const std::unique_ptr<RunFolder> folder = *std::move(opened);

  ThreadPool threads(folder->threads());
  SSNAS_ASSIGN_OR_RETURN(const std::unique_ptr<Engine<float>> engine,
                         EngineOf(spec.runtime(), &threads));
  const RunContext context{.spec = &spec,
                           .folder = folder.get(),
                           .data = data.get(),
                           .engine = engine.get(),
                           .parallel_for = threads.parallel_for(),
                           .progress = progress};
  const std::vector<Stage> stages = StagesUpTo(BuildStages(spec), line.until);
  PrintHeader(spec, *folder, data->info(), stages);
  PrintImages(*data, *images);
  SSNAS_ASSIGN_OR_RETURN(const StageResults results, RunStages(context, stages));
  SSNAS_RETURN_IF_ERROR(ExportFoundNetwork(context, results));
  SSNAS_RETURN_IF_ERROR(WriteViewSheet(context));
  const std::string command =
      absl::StrCat(line.example, line.seed ? absl::StrCat(" --seed=", *line.seed) : "");
  SSNAS_ASSIGN_OR_RETURN(
      const nlohmann::ordered_json summary,
      WriteSummary(context, stages, results,
                   {.command = command, .cpu = CpuFeatures(), .commit = Commit()}));
  SSNAS_RETURN_IF_ERROR(WriteReport(folder->path()));
  PrintEnd(*folder, summary, line, results.count("derive") > 0,
           PathExists(JoinPath(folder->path(), "model.safetensors")));
  return absl::OkStatus();
}

absl::Status Main(int argc, char** argv) {
  SSNAS_ASSIGN_OR_RETURN(const CommandLine line, ParseCommandLine(argc, argv));
  if (line.help) {
    std::fputs(HelpText().c_str(), stdout);
    return absl::OkStatus();
  }
  if (line.list_plugins.has_value()) {
    auto list = ListPlugins(*line.list_plugins);
    if (!list.ok()) return InArea(ErrorArea::kUser, list.status());
    std::fputs(list->c_str(), stdout);
    return absl::OkStatus();
  }
  SSNAS_ASSIGN_OR_RETURN(const ExperimentSpec spec, ReadSpec(line));
  if (line.print_spec) {
    std::fputs(PrintSpec(spec, /*comments=*/true).c_str(), stdout);
    return absl::OkStatus();
  }
  InstallShutdownHandlers();
  return RunExperiment(line, spec);
}

}  // namespace

int ExperimentMain(int argc, char** argv) {
  google::InitGoogleLogging(argv[0]);
  FLAGS_logtostderr = true;
  ExitWhenOutOfMemory();
  const absl::Status status = ExplainOutOfMemory(Main(argc, argv));
  // A stop that was asked for has said so itself.
  if (!status.ok() && !absl::IsCancelled(status)) {
    std::fflush(stdout);
    std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  }
  return ExitCode(status);
}

}  // namespace ssnas
