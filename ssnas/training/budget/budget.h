// Minutes turned into steps, once: search and pretraining as long as a user wants to wait.
//
// A few steps of both are timed on this machine's threads with the run's own images, and the epochs
// of the spec replaced by what fits: two fifths of the time for the search, the rest for
// pretraining. Where a search is to find the cell, pretraining is timed on a random one of the same
// space. From then on only the spec counts: it stands in the run folder, and a run that is taken up
// reads its counts there.
#ifndef SSNAS_TRAINING_BUDGET_BUDGET_H_
#define SSNAS_TRAINING_BUDGET_BUDGET_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "ssnas/proto/experiment.pb.h"
#include "ssnas/training/run_context.h"

namespace ssnas {

struct StepCounts {
  int64_t epochs = 1;
  int64_t steps_per_epoch = 1;
};

// What fits in `seconds`: whole epochs where there is time for five of them, else five short ones,
// so that the learning rate's schedule has steps to move in; at least one step each.
StepCounts CountsFor(double seconds, double seconds_per_step, int64_t steps_per_whole_epoch);

// Times steps of the sections that `spec` has and sets their epochs and steps_per_epoch; prints
// what came of it. `context` needs no folder; errors are the stages' own (too few images).
absl::Status SpendBudget(RunContext context, double minutes, ExperimentSpec* spec);

// Takes epochs and steps_per_epoch from the resolved spec of the run in `folder`.
absl::Status TakeStepCounts(const std::string& folder, ExperimentSpec* spec);

}  // namespace ssnas

#endif  // SSNAS_TRAINING_BUDGET_BUDGET_H_
