// The search stage: one seed's search, from initial alphas to final ones.
//
// Leaves in its folder: metrics.jsonl (a line a step; at each epoch's end softmax(alphas), the cell
// that they would give, and the mean losses), final.safetensors (alphas, weights, optimiser
// moments), result.json.
#ifndef SSNAS_TRAINING_SEARCH_STAGE_H_
#define SSNAS_TRAINING_SEARCH_STAGE_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "nlohmann/json.hpp"
#include "ssnas/training/run_context.h"
#include "ssnas/training/step_loop.h"

namespace ssnas {

// The stage's result: alpha_loss and weight_loss (means of the last epoch), labels_read, steps,
// epochs.
absl::StatusOr<nlohmann::ordered_json> RunSearchStage(const RunContext& context,
                                                      const StageInfo& stage, uint64_t seed);

// Whether there are images enough for it, and memory (memory.h): OK, or what refuses it.
absl::Status PreflightSearch(const RunContext& context, uint64_t seed);

// What that stage trains, as it begins.
absl::StatusOr<TimedTrainee> MakeSearchTrainee(const RunContext& context, uint64_t seed);

}  // namespace ssnas

#endif  // SSNAS_TRAINING_SEARCH_STAGE_H_
