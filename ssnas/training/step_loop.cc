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

namespace ssnas {
namespace {

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
  Loop(const StageInfo& stage, const LoopOptions& options, Trainee& trainee, CheckpointStore store,
       std::unique_ptr<Journal> journal, int64_t step, Progress& progress)
      : stage_(stage),
        options_(options),
        trainee_(trainee),
        store_(std::move(store)),
        journal_(std::move(journal)),
        step_(step),
        saved_(step),
        progress_(progress) {}

  absl::Status Run() {
    const int64_t total = options_.epochs * options_.steps_per_epoch;
    for (bool fresh = true; step_ < total; fresh = false) {
      if (ShutdownSignal() != 0) return Stop();
      const int64_t epoch = step_ / options_.steps_per_epoch;
      const int64_t in_epoch = step_ % options_.steps_per_epoch;
      if (fresh || in_epoch == 0) SSNAS_RETURN_IF_ERROR(trainee_.StartEpoch(epoch, in_epoch));
      SSNAS_RETURN_IF_ERROR(Step(epoch, in_epoch));
      if (in_epoch + 1 == options_.steps_per_epoch) SSNAS_RETURN_IF_ERROR(EndEpoch(epoch));
      if (step_ % options_.checkpoint_steps == 0 || step_ == total) SSNAS_RETURN_IF_ERROR(Save());
    }
    return journal_->Timing(
        {{"step", step_}, {"event", "end"}, {"peak_memory_bytes", PeakMemoryBytes()}});
  }

 private:
  absl::Status Step(int64_t epoch, int64_t in_epoch) {
    const absl::Time start = absl::Now();
    const double waited = trainee_.SecondsWaited();
    SSNAS_ASSIGN_OR_RETURN(const nlohmann::ordered_json metrics, trainee_.Step(epoch, in_epoch));
    ++step_;
    nlohmann::ordered_json line = {{"step", step_}, {"epoch", epoch}};
    line.update(metrics);
    SSNAS_RETURN_IF_ERROR(journal_->Metric(line));
    const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
    SSNAS_RETURN_IF_ERROR(journal_->Timing(
        {{"step", step_},
         {"seconds", seconds},
         {"wait_seconds", trainee_.SecondsWaited() - waited},
         {"images_per_second", static_cast<double>(options_.images_per_step) / seconds}}));
    progress_.Update(step_, options_.images_per_step, trainee_.Facts());
    return absl::OkStatus();
  }

  absl::Status EndEpoch(int64_t epoch) {
    SSNAS_ASSIGN_OR_RETURN(const nlohmann::ordered_json metrics, trainee_.EndEpoch(epoch));
    if (metrics.is_null()) return absl::OkStatus();
    nlohmann::ordered_json line = {{"step", step_}, {"epoch", epoch}, {"event", "epoch"}};
    line.update(metrics);
    return journal_->Metric(line);
  }

  absl::Status Save() {
    if (step_ == saved_) return absl::OkStatus();
    Checkpoint checkpoint = trainee_.Snapshot();
    checkpoint.step = step_;
    SSNAS_ASSIGN_OR_RETURN(checkpoint.metrics_bytes, journal_->Sync());
    SSNAS_RETURN_IF_ERROR(store_.Save(checkpoint));
    saved_ = step_;
    return absl::OkStatus();
  }

  absl::Status Stop() {
    SSNAS_RETURN_IF_ERROR(Save());
    progress_.Note(absl::StrCat("saved at step ", step_, " of ", stage_.name,
                                ". The same command goes on from there."));
    return StoppedStatus();
  }

  const StageInfo& stage_;
  const LoopOptions& options_;
  Trainee& trainee_;
  const CheckpointStore store_;
  const std::unique_ptr<Journal> journal_;
  int64_t step_;
  int64_t saved_;
  Progress& progress_;
};

}  // namespace

absl::Status RunLoop(const RunContext& context, const StageInfo& stage, const LoopOptions& options,
                     Trainee& trainee) {
  SSNAS_ASSIGN_OR_RETURN(const std::string folder, context.folder->StageFolder(stage.name));
  CheckpointStore store(JoinPath(folder, "checkpoints"), stage.digest);
  std::vector<std::string> notes;
  auto newest = store.LoadNewest(&notes);
  if (!newest.ok()) return InArea(ErrorArea::kRunFolder, newest.status());
  const int64_t done = newest->has_value() ? (*newest)->step : 0;
  const uint64_t metrics_bytes = newest->has_value() ? (*newest)->metrics_bytes : 0;
  auto journal = Journal::Open(folder, metrics_bytes);
  if (!journal.ok()) return InArea(ErrorArea::kRunFolder, journal.status());

  const int64_t total = options.epochs * options.steps_per_epoch;
  Progress progress(context.progress, stage.label, total, done);
  for (const std::string& note : notes) progress.Note(note);
  if (newest->has_value()) {
    absl::Status restored = trainee.Restore(**newest);
    if (!restored.ok()) return InArea(ErrorArea::kRunFolder, restored);
    if (done < total) {
      progress.Note(absl::StrFormat("resuming %s at step %d (checkpoint of %s, verified)",
                                    stage.name, done, ClockTime((*newest)->saved_at)));
    }
  }
  Loop loop(stage, options, trainee, std::move(store), *std::move(journal), done, progress);
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
