#include "ssnas/training/step_loop.h"

#include <sys/resource.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/file.h"
#include "ssnas/core/journal.h"
#include "ssnas/core/progress.h"
#include "ssnas/core/shutdown.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/proto/experiment.pb.h"
#include "ssnas/training/bad_step.h"
#include "ssnas/training/state.h"

namespace ssnas {
namespace {

// Counters of a checkpoint.
constexpr char kBadSteps[] = "bad_steps";
constexpr char kLeftOut[] = "left_out";

int64_t Counter(const Checkpoint& checkpoint, const char* name) {
  const auto it = checkpoint.counters.find(name);
  return it == checkpoint.counters.end() ? 0 : it->second;
}

int64_t PeakMemoryBytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return int64_t{usage.ru_maxrss} * 1024;
}

std::string ClockTime(int64_t seconds) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", absl::FromUnixSeconds(seconds),
                          absl::LocalTimeZone());
}

// One run of the loop: what is open while steps are made.
class Loop {
 public:
  struct State {
    std::string folder;
    CheckpointStore store;
    std::unique_ptr<Journal> journal;
    int64_t step = 0;                   // done or left out
    int64_t bad_steps = 0;              // so far
    int64_t left_out = 0;               // of `step`
    std::optional<Checkpoint> initial;  // how the stage began, while a roll back may want it
  };

  Loop(const RuntimeSpec& runtime, const StageInfo& stage, const LoopOptions& options,
       Trainee& trainee, State state, Progress& progress)
      : runtime_(runtime),
        stage_(stage),
        options_(options),
        trainee_(trainee),
        state_(std::move(state)),
        saved_(state_.step),
        progress_(progress) {}

  absl::Status Run() {
    const int64_t total = options_.epochs * options_.steps_per_epoch;
    int64_t& step = state_.step;
    for (bool fresh = true; step < total; fresh = false) {
      if (ShutdownSignal() != 0) return Stop();
      const int64_t epoch = step / options_.steps_per_epoch;
      const int64_t in_epoch = step % options_.steps_per_epoch;
      if (fresh || in_epoch == 0) SSNAS_RETURN_IF_ERROR(trainee_.StartEpoch(epoch, in_epoch));
      const absl::Status made = Step(epoch, in_epoch);
      if (!made.ok()) SSNAS_RETURN_IF_ERROR(IsBadStep(made) ? LeaveOut(made, epoch) : made);
      if (in_epoch + 1 == options_.steps_per_epoch) SSNAS_RETURN_IF_ERROR(EndEpoch(epoch));
      if (step % options_.checkpoint_steps == 0 || step == total) SSNAS_RETURN_IF_ERROR(Save());
    }
    return state_.journal->Timing(
        {{"step", step}, {"event", "end"}, {"peak_memory_bytes", PeakMemoryBytes()}});
  }

 private:
  absl::Status Step(int64_t epoch, int64_t in_epoch) {
    const absl::Time start = absl::Now();
    const double waited = trainee_.SecondsWaited();
    SSNAS_ASSIGN_OR_RETURN(const nlohmann::ordered_json metrics, trainee_.Step(epoch, in_epoch));
    ++state_.step;
    nlohmann::ordered_json line = {{"step", state_.step}, {"epoch", epoch}};
    line.update(metrics);
    SSNAS_RETURN_IF_ERROR(state_.journal->Metric(line));
    const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
    SSNAS_RETURN_IF_ERROR(state_.journal->Timing(
        {{"step", state_.step},
         {"seconds", seconds},
         {"wait_seconds", trainee_.SecondsWaited() - waited},
         {"images_per_second", static_cast<double>(options_.images_per_step) / seconds}}));
    progress_.Update(state_.step, options_.images_per_step, trainee_.Facts());
    return absl::OkStatus();
  }

  absl::Status EndEpoch(int64_t epoch) {
    const int64_t step = (epoch + 1) * options_.steps_per_epoch;
    const auto metrics = trainee_.EndEpoch(epoch);
    if (IsBadStep(metrics.status())) {  // of the state itself: leaving a step out mends nothing
      return Refuse(step, std::string(metrics.status().message()),
                    "A smaller learning rate may help.");
    }
    SSNAS_RETURN_IF_ERROR(metrics.status());
    if (metrics->is_null()) return absl::OkStatus();
    nlohmann::ordered_json line = {{"step", step}, {"epoch", epoch}, {"event", "epoch"}};
    line.update(*metrics);
    return state_.journal->Metric(line);
  }

  // What the policy has to say to the bad step after `state_.step`.
  absl::Status LeaveOut(const absl::Status& bad, int64_t epoch) {
    const int64_t bad_step = state_.step + 1;
    const int64_t total = options_.epochs * options_.steps_per_epoch;
    const std::string reason(bad.message());
    if (runtime_.on_bad_step() == RuntimeSpec::STOP) {
      return Refuse(bad_step, reason,
                    "A smaller learning rate may help; runtime.on_bad_step: SKIP or ROLL_BACK goes "
                    "on without single bad steps.");
    }
    if (++state_.bad_steps > runtime_.max_bad_steps()) {
      return Refuse(
          bad_step, reason,
          absl::StrCat("That is bad step ", state_.bad_steps, ", and ", "runtime.max_bad_steps is ",
                       runtime_.max_bad_steps(), ". A smaller learning rate may help."));
    }
    int64_t back_to = state_.step;
    if (runtime_.on_bad_step() == RuntimeSpec::ROLL_BACK) {
      SSNAS_ASSIGN_OR_RETURN(back_to, RollBack());
    }
    state_.left_out += bad_step - back_to;
    state_.step = bad_step;
    if (state_.left_out == total) return Refuse(bad_step, reason, "No step of the stage was good.");
    SSNAS_RETURN_IF_ERROR(
        state_.journal->Metric({{"step", bad_step},
                                {"epoch", epoch},
                                {"event", "bad_step"},
                                {"reason", reason},
                                {"policy", RuntimeSpec::BadStepPolicy_Name(runtime_.on_bad_step())},
                                {"state_of_step", back_to},
                                {"bad_steps", state_.bad_steps}}));
    progress_.Note(
        absl::StrCat(stage_.name, ": step ", bad_step, ": ", reason, ". ",
                     back_to + 1 == bad_step
                         ? "Left out"
                         : absl::StrCat("Steps ", back_to + 1, " to ", bad_step, " are left out"),
                     " (bad step ", state_.bad_steps, "; runtime.max_bad_steps is ",
                     runtime_.max_bad_steps(), ")."));
    return absl::OkStatus();
  }

  absl::Status Refuse(int64_t step, const std::string& reason, absl::string_view advice) const {
    return InArea(ErrorArea::kComputation,
                  absl::InternalError(absl::StrCat(stage_.name, ": step ", step, ": ", reason,
                                                   ". Nothing of it was saved. ", advice)));
  }

  // Takes up the state of the last checkpoint of the schedule and its journal; returns its step.
  // Epochs that ended since then get their line from what was done in them before.
  absl::StatusOr<int64_t> RollBack() {
    std::vector<std::string> notes;
    SSNAS_ASSIGN_OR_RETURN(std::optional<Checkpoint> checkpoint,
                           state_.store.LoadNewest(&notes, Scheduled()));
    for (const std::string& note : notes) progress_.Note(note);
    if (!checkpoint.has_value()) checkpoint = state_.initial;
    if (!checkpoint.has_value()) {
      return InArea(ErrorArea::kRunFolder,
                    absl::DataLossError(absl::StrCat(
                        stage_.name, ": no whole checkpoint is left to roll back to.")));
    }
    SSNAS_RETURN_IF_ERROR(trainee_.Restore(*checkpoint));
    state_.journal = nullptr;  // before its file is cut
    SSNAS_ASSIGN_OR_RETURN(state_.journal, Journal::Open(state_.folder, checkpoint->metrics_bytes));
    state_.left_out = Counter(*checkpoint, kLeftOut);
    for (int64_t epoch = checkpoint->step / options_.steps_per_epoch;
         (epoch + 1) * options_.steps_per_epoch <= state_.step; ++epoch) {
      SSNAS_RETURN_IF_ERROR(EndEpoch(epoch));
    }
    return checkpoint->step;
  }

  // The last step until now at which a run that nobody stops has a checkpoint.
  int64_t Scheduled() const {
    return state_.step / options_.checkpoint_steps * options_.checkpoint_steps;
  }

  absl::Status Save() {
    if (state_.step == saved_) return absl::OkStatus();
    Checkpoint checkpoint = trainee_.Snapshot();
    const absl::Status finite = CheckFinite(checkpoint);
    if (!finite.ok()) {
      return Refuse(state_.step, std::string(finite.message()),
                    "A smaller learning rate may help.");
    }
    checkpoint.step = state_.step;
    checkpoint.counters = {{kBadSteps, state_.bad_steps}, {kLeftOut, state_.left_out}};
    SSNAS_ASSIGN_OR_RETURN(checkpoint.metrics_bytes, state_.journal->Sync());
    SSNAS_RETURN_IF_ERROR(state_.store.Save(checkpoint, Scheduled()));
    saved_ = state_.step;
    if (Scheduled() > 0) state_.initial.reset();
    return absl::OkStatus();
  }

  absl::Status Stop() {
    SSNAS_RETURN_IF_ERROR(Save());
    progress_.Note(absl::StrCat("saved at step ", state_.step, " of ", stage_.name,
                                ". The same command goes on from there."));
    return StoppedStatus();
  }

  const RuntimeSpec& runtime_;
  const StageInfo& stage_;
  const LoopOptions& options_;
  Trainee& trainee_;
  State state_;
  int64_t saved_;
  Progress& progress_;
};

// Restores what `newest` holds, if it is there, and says so.
absl::Status TakeUp(const StageInfo& stage, const std::optional<Checkpoint>& newest, int64_t total,
                    Trainee& trainee, Progress& progress) {
  if (!newest.has_value()) return absl::OkStatus();
  const absl::Status restored = trainee.Restore(*newest);
  if (!restored.ok()) return InArea(ErrorArea::kRunFolder, restored);
  if (newest->step < total) {
    progress.Note(absl::StrFormat("resuming %s at step %d (checkpoint of %s, verified)", stage.name,
                                  newest->step, ClockTime(newest->saved_at)));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RunLoop(const RunContext& context, const StageInfo& stage, const LoopOptions& options,
                     Trainee& trainee) {
  SSNAS_ASSIGN_OR_RETURN(const std::string folder, context.folder->StageFolder(stage.name));
  Loop::State state{.folder = folder,
                    .store = CheckpointStore(JoinPath(folder, "checkpoints"), stage.digest)};
  std::vector<std::string> notes;
  auto newest = state.store.LoadNewest(&notes);
  if (!newest.ok()) return InArea(ErrorArea::kRunFolder, newest.status());
  const Checkpoint nothing;
  const Checkpoint& start = newest->has_value() ? **newest : nothing;
  auto journal = Journal::Open(folder, start.metrics_bytes);
  if (!journal.ok()) return InArea(ErrorArea::kRunFolder, journal.status());
  state.journal = *std::move(journal);
  state.step = start.step;
  state.bad_steps = Counter(start, kBadSteps);
  state.left_out = Counter(start, kLeftOut);

  const RuntimeSpec& runtime = context.spec->runtime();
  const int64_t total = options.epochs * options.steps_per_epoch;
  Progress progress(context.progress, stage.label, total, state.step);
  for (const std::string& note : notes) progress.Note(note);
  if (runtime.on_bad_step() == RuntimeSpec::ROLL_BACK && state.step < options.checkpoint_steps) {
    state.initial = trainee.Snapshot();
  }
  SSNAS_RETURN_IF_ERROR(TakeUp(stage, *newest, total, trainee, progress));
  Loop loop(runtime, stage, options, trainee, std::move(state), progress);
  SSNAS_RETURN_IF_ERROR(loop.Run());
  progress.Finish(trainee.Facts());
  return absl::OkStatus();
}

absl::Status CheckHalvesFill(int64_t images, int64_t batch) {
  if (images >= 2 * batch) return absl::OkStatus();
  return InArea(
      ErrorArea::kUser,
      absl::InvalidArgumentError(absl::StrFormat(
          "search needs at least %d images and has %d: they are halved, and each half must "
          "fill a batch of %d. Use more images, or set search.batch to %d or less.",
          2 * batch, images, batch, std::max<int64_t>(images / 2, 1))));
}

absl::StatusOr<int64_t> StepsPerEpoch(int64_t images, int64_t batch, int64_t asked,
                                      const std::string& field) {
  const int64_t full = images / batch;
  if (full == 0) {
    return InArea(
        ErrorArea::kUser,
        absl::InvalidArgumentError(absl::StrFormat(
            "%s.batch is %d, but there are only %d images to draw it from. Set %s.batch to "
            "%d or less, or use more images.",
            field, batch, images, field, std::max<int64_t>(images, 1))));
  }
  if (asked > full) {
    return InArea(ErrorArea::kUser,
                  absl::InvalidArgumentError(absl::StrFormat(
                      "%s.steps_per_epoch is %d, but %d images hold only %d batches of %d.", field,
                      asked, images, full, batch)));
  }
  return asked == 0 ? full : asked;
}

}  // namespace ssnas
