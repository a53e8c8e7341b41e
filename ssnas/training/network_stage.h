// Training of a derived network: self-supervised pretraining, or supervised from scratch.
//
// Both are the same loop with another objective; each leaves metrics.jsonl, model.safetensors
// (weights, head, running statistics by name), final.safetensors (the same with the optimiser's
// moments) and result.json; pretraining leaves neighbors.json as well (sheets/neighbor_sheet.h).
// Source: paper sections 4.1 (evaluation), 4.2 (pretraining); DARTS section 3.1 (drop-path,
// auxiliary head).
#ifndef SSNAS_TRAINING_NETWORK_STAGE_H_
#define SSNAS_TRAINING_NETWORK_STAGE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "nlohmann/json.hpp"
#include "ssnas/networks/counting.h"
#include "ssnas/proto/architecture.pb.h"
#include "ssnas/training/model.h"
#include "ssnas/training/run_context.h"
#include "ssnas/training/step_loop.h"

namespace ssnas {

// Result: loss, accuracy (means of the last epoch), validation_loss and validation_accuracy where
// images are held out, parameters, multiply_adds, images, labels_used.
absl::StatusOr<nlohmann::ordered_json> RunPretrainStage(const RunContext& context,
                                                        const StageInfo& stage,
                                                        const Architecture& architecture);

// Result: loss, accuracy, test_accuracy (last epoch, never the best), test_images, parameters, …,
// labels_used.
absl::StatusOr<nlohmann::ordered_json> RunEvaluateStage(const RunContext& context,
                                                        const StageInfo& stage,
                                                        const Architecture& architecture);

// Whether there are images enough for each, and memory (memory.h) for the network of this cell: OK
// or what refuses it.
absl::Status PreflightPretraining(const RunContext& context, const Architecture& architecture);
absl::Status PreflightEvaluation(const RunContext& context, const Architecture& architecture);

// The network that pretraining trains, with its initial weights.
absl::StatusOr<std::unique_ptr<Model>> MakePretrainModel(const RunContext& context,
                                                         const Architecture& architecture);
// What the pretraining stage trains, as it begins.
absl::StatusOr<TimedTrainee> MakePretrainTrainee(const RunContext& context,
                                                 const Architecture& architecture);
// The same network of supervised training.
absl::StatusOr<std::unique_ptr<Model>> MakeEvaluateModel(const RunContext& context,
                                                         const Architecture& architecture);

// Parameters and multiply-adds of the cell's network, a classifier for the data set's classes
// included: as pretraining sizes it, or as evaluation does where nothing is pretrained.
absl::StatusOr<NetworkWork> DerivedNetworkWork(const RunContext& context,
                                               const Architecture& architecture);

}  // namespace ssnas

#endif  // SSNAS_TRAINING_NETWORK_STAGE_H_
