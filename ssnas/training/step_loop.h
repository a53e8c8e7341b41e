// The loop that all training shares: epochs of steps with metrics, progress, checkpoints and
// resume.
//
// A trainee does one step; the loop does the rest, the same way for search, pretraining and
// supervised training: it resumes from the newest whole checkpoint, cuts the journal there, stops
// on SIGINT or SIGTERM after the step under way, and never saves a state that is not finite.
//
// A bad step (bad_step.h) at step k, with the last checkpoint of the schedule (a multiple of
// checkpoint_steps; 0 is how the stage began) at step c, under runtime.on_bad_step:
//   STOP       ends with exit code 6; the newest checkpoint stays.
//   SKIP       leaves k out and goes on with k + 1.
//   ROLL_BACK  takes up the state of c and goes on with k + 1: the steps c + 1 … k are left out.
// Steps left out keep their numbers, so schedules, views and orders of later ones are what they
// would have been. Each is a line of metrics.jsonl, "event": "bad_step". Past
// runtime.max_bad_steps of a stage, or when no step is left, it stops.
#ifndef SSNAS_TRAINING_STEP_LOOP_H_
#define SSNAS_TRAINING_STEP_LOOP_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "nlohmann/json.hpp"
#include "ssnas/core/checkpoint.h"
#include "ssnas/training/run_context.h"

namespace ssnas {

class Trainee {
 public:
  virtual ~Trainee() = default;

  // All that the next step depends on; step and metrics_bytes are the loop's to fill.
  virtual Checkpoint Snapshot() const = 0;
  virtual absl::Status Restore(const Checkpoint& checkpoint) = 0;

  // Makes ready for the steps of `epoch` from its step `first_step` on.
  virtual absl::Status StartEpoch(int64_t epoch, int64_t first_step) = 0;
  // One step; returns its metrics (only what the computation determines). A bad step has taken its
  // batch and left the state as it was.
  virtual absl::StatusOr<nlohmann::ordered_json> Step(int64_t epoch, int64_t step_in_epoch) = 0;
  // After the epoch's last step, which may have been left out; null for no line. A bad step ends
  // the stage under any policy, before the state is saved.
  virtual absl::StatusOr<nlohmann::ordered_json> EndEpoch(int64_t epoch) = 0;

  // A few words of progress: "NT-Xent 2.914".
  virtual std::string Facts() const = 0;
  // Seconds that steps waited for data so far.
  virtual double SecondsWaited() const = 0;
};

// A trainee before its first step, for who times its steps.
struct TimedTrainee {
  std::unique_ptr<Trainee> trainee;
  int64_t steps_per_epoch = 1;
};

struct LoopOptions {
  int64_t epochs = 1;
  int64_t steps_per_epoch = 1;
  int64_t checkpoint_steps = 50;
  int64_t images_per_step = 1;
};

// Runs the steps that are missing. Cancelled (StoppedStatus) when a signal stopped it, with its
// state saved.
absl::Status RunLoop(const RunContext& context, const StageInfo& stage, const LoopOptions& options,
                     Trainee& trainee);

// InvalidArgument (area kUser) when a half of the images does not fill a batch of the search.
absl::Status CheckHalvesFill(int64_t images, int64_t batch);

// Steps of an epoch: `asked`, or as many full batches as `images` hold when that is 0.
// InvalidArgument (area kUser) when they hold none or fewer than asked; `field` ("search") is
// named.
absl::StatusOr<int64_t> StepsPerEpoch(int64_t images, int64_t batch, int64_t asked,
                                      const std::string& field);

}  // namespace ssnas

#endif  // SSNAS_TRAINING_STEP_LOOP_H_
