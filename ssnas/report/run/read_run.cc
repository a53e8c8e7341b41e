#include "ssnas/report/run/read_run.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "nlohmann/json.hpp"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/file.h"
#include "ssnas/report/run/read_pictures.h"
#include "ssnas/report/run/read_protos.h"
#include "ssnas/report/run/read_stages.h"
#include "ssnas/report/run/read_summary.h"

namespace ssnas::report {
namespace {

using Json = nlohmann::json;

std::string LastPart(absl::string_view path) {
  while (absl::ConsumeSuffix(&path, "/")) {
  }
  return std::string(path.substr(path.rfind('/') + 1));
}

absl::Status CheckIsRun(const std::string& folder) {
  if (!PathExists(folder)) {
    return InArea(ErrorArea::kRunFolder,
                  absl::NotFoundError(absl::StrCat(
                      folder,
                      ": no such run folder. Give the folder that a run names as its run folder, "
                      "such as runs/fashion_mnist_ssnas.")));
  }
  for (const char* part : {"summary.json", "spec.textproto", "search", "pretrain", "evaluate"}) {
    if (PathExists(JoinPath(folder, part))) return absl::OkStatus();
  }
  return InArea(ErrorArea::kRunFolder,
                absl::FailedPreconditionError(absl::StrCat(
                    folder,
                    ": holds no run: neither summary.json nor spec.textproto nor a stage's folder. "
                    "Give the folder that a run names as its run folder.")));
}

void ReadCell(const std::string& folder, RunData* run) {
  run->cell_text = ReadTextFile(folder, "architecture.textproto", &run->problems);
  if (run->cell_text.empty()) return;
  absl::StatusOr<Architecture> cell = ParseRunCell(run->cell_text, "architecture.textproto");
  if (cell.ok()) {
    run->cell = *std::move(cell);
  } else {
    run->problems.push_back(std::string(cell.status().message()));
  }
}

void ReadStages(const std::string& folder, RunData* run) {
  std::vector<StageCost> measured;
  const auto take_timings = [&](const std::string& stage) {
    std::optional<StageTimings> timings = ReadTimings(folder, stage, &run->problems);
    if (!timings) return;
    measured.push_back(timings->cost);
    if (!timings->rate.images_per_second.step.empty()) run->rates.push_back(timings->rate);
  };
  for (const std::string& stage : StageNames(folder, "search")) {
    run->searches.push_back(ReadSearch(folder, stage, &run->problems));
    take_timings(stage);
  }
  for (const std::string& stage : StageNames(folder, "pretrain")) {
    run->pretrained.push_back(ReadTraining(folder, stage, &run->problems));
    take_timings(stage);
  }
  for (const std::string& stage : StageNames(folder, "evaluate")) {
    run->evaluated.push_back(ReadTraining(folder, stage, &run->problems));
    take_timings(stage);
  }
  if (run->costs.empty()) run->costs = std::move(measured);
}

}  // namespace

absl::StatusOr<RunData> ReadRun(const std::string& folder) {
  if (absl::Status status = CheckIsRun(folder); !status.ok()) return status;
  RunData run;
  run.folder = LastPart(folder);
  const Json summary = ReadJsonObject(folder, "summary.json", &run.problems);
  if (summary.is_object()) {
    run.summary = ParseSummary(summary);
    run.costs = ParseCosts(summary);
  }
  run.spec_text = ReadTextFile(folder, "spec.textproto", &run.problems);
  if (!run.spec_text.empty()) run.spec = ParseRunSpec(run.spec_text, &run.problems);
  ReadCell(folder, &run);
  ReadStages(folder, &run);
  ReadViews(folder, &run);
  ReadNeighbors(folder, &run);
  return run;
}

}  // namespace ssnas::report
