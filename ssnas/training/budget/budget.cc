#include "ssnas/training/budget/budget.h"

#include <algorithm>
#include <cstdio>

#include "absl/status/statusor.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/file.h"
#include "ssnas/core/run_identity.h"
#include "ssnas/core/shutdown.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/spec/spec.h"
#include "ssnas/training/derive_stage.h"
#include "ssnas/training/network_stage.h"
#include "ssnas/training/search_stage.h"
#include "ssnas/training/step_loop.h"

namespace ssnas {
namespace {

constexpr double kSearchShare = 0.4;
constexpr double kForTheRest = 0.05;  // validation, checkpoints, the report
constexpr int64_t kFewestEpochs = 5;
constexpr int64_t kMostEpochs = 100000;
constexpr int64_t kFewSteps = 100;
constexpr int64_t kTimedSteps = 20;
constexpr double kTimedSeconds = 5;

double Now() { return absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch()); }

// Mean of the steps after the first, which makes the buffers.
absl::StatusOr<double> SecondsPerStep(const TimedTrainee& timed) {
  double start = 0;
  for (int64_t step = 0;; ++step) {
    if (ShutdownSignal() != 0) return StoppedStatus();
    const int64_t epoch = step / timed.steps_per_epoch;
    const int64_t in_epoch = step % timed.steps_per_epoch;
    if (in_epoch == 0) SSNAS_RETURN_IF_ERROR(timed.trainee->StartEpoch(epoch, 0));
    SSNAS_RETURN_IF_ERROR(timed.trainee->Step(epoch, in_epoch).status());
    if (step == 0) {
      start = Now();
      continue;
    }
    const double seconds = Now() - start;
    if (step == kTimedSteps || seconds >= kTimedSeconds) {
      return std::max(seconds, 1e-6) / static_cast<double>(step);
    }
  }
}

std::string Describe(const char* stage, const StepCounts& counts, double seconds_per_step) {
  const bool few = counts.epochs * counts.steps_per_epoch < kFewSteps;
  return absl::StrFormat("         %s: %d epochs of %d steps, %.3f s a step%s\n", stage,
                         counts.epochs, counts.steps_per_epoch, seconds_per_step,
                         few ? "; so few say little: a larger --budget helps" : "");
}

}  // namespace

StepCounts CountsFor(double seconds, double seconds_per_step, int64_t steps_per_whole_epoch) {
  const double most = static_cast<double>(kMostEpochs) * static_cast<double>(steps_per_whole_epoch);
  const auto steps = static_cast<int64_t>(std::clamp(seconds / seconds_per_step, 1.0, most));
  if (steps >= kFewestEpochs * steps_per_whole_epoch) {
    return {steps / steps_per_whole_epoch, steps_per_whole_epoch};
  }
  return {kFewestEpochs, std::max<int64_t>(1, steps / kFewestEpochs)};
}

absl::Status SpendBudget(RunContext context, double minutes, ExperimentSpec* spec) {
  const double start = Now();
  // Epochs enough that no timed step lies past the end of a schedule.
  ExperimentSpec timed_spec = *spec;
  context.spec = &timed_spec;
  const bool searches = spec->has_search() && !spec->has_architecture();
  double search_step = 0, pretrain_step = 0;
  int64_t search_epoch = 1, pretrain_epoch = 1;
  if (searches) {
    timed_spec.mutable_search()->set_epochs(kMostEpochs);
    SSNAS_ASSIGN_OR_RETURN(const TimedTrainee timed, MakeSearchTrainee(context, spec->seed()));
    search_epoch = timed.steps_per_epoch;
    SSNAS_ASSIGN_OR_RETURN(search_step, SecondsPerStep(timed));
  }
  if (spec->has_pretrain()) {
    timed_spec.mutable_pretrain()->set_epochs(kMostEpochs);
    SSNAS_ASSIGN_OR_RETURN(const Architecture cell, GivenOrRandomArchitecture(*spec));
    SSNAS_ASSIGN_OR_RETURN(const TimedTrainee timed, MakePretrainTrainee(context, cell));
    pretrain_epoch = timed.steps_per_epoch;
    SSNAS_ASSIGN_OR_RETURN(pretrain_step, SecondsPerStep(timed));
  }
  const double left = (1 - kForTheRest) * 60 * minutes - (Now() - start);
  const double share = !searches ? 0 : spec->has_pretrain() ? kSearchShare : 1;
  std::string text = absl::StrFormat("  budget %g min\n", minutes);
  if (searches) {
    const StepCounts counts = CountsFor(share * left, search_step, search_epoch);
    spec->mutable_search()->set_epochs(static_cast<int>(counts.epochs));
    spec->mutable_search()->set_steps_per_epoch(counts.steps_per_epoch);
    text += Describe("search", counts, search_step);
  }
  if (spec->has_pretrain()) {
    const StepCounts counts = CountsFor((1 - share) * left, pretrain_step, pretrain_epoch);
    spec->mutable_pretrain()->set_epochs(static_cast<int>(counts.epochs));
    spec->mutable_pretrain()->set_steps_per_epoch(counts.steps_per_epoch);
    text += Describe("pretrain", counts, pretrain_step);
  }
  std::fprintf(context.progress.out, "%s", text.c_str());
  return absl::OkStatus();
}

absl::Status TakeStepCounts(const std::string& folder, ExperimentSpec* spec) {
  const std::string path = JoinPath(folder, kSpecFile);
  const absl::StatusOr<std::string> text = ReadFile(path, /*max_bytes=*/1 << 24);
  if (!text.ok()) return InArea(ErrorArea::kRunFolder, text.status());
  const absl::StatusOr<ExperimentSpec> kept = LoadSpec(*text, path, {});
  // RunFolder::Open says what is wrong with it.
  if (!kept.ok()) return absl::OkStatus();
  if (spec->has_search() && kept->has_search()) {
    spec->mutable_search()->set_epochs(kept->search().epochs());
    spec->mutable_search()->set_steps_per_epoch(kept->search().steps_per_epoch());
  }
  if (spec->has_pretrain() && kept->has_pretrain()) {
    spec->mutable_pretrain()->set_epochs(kept->pretrain().epochs());
    spec->mutable_pretrain()->set_steps_per_epoch(kept->pretrain().steps_per_epoch());
  }
  return absl::OkStatus();
}

}  // namespace ssnas
