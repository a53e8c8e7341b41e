// The linear probe of a network: logistic regression on h, with frozen weights and frozen norm
// statistics.
//
// Reads the labels of the training images it uses, and the test images: the only stage but evaluate
// that does. Source: paper section 4.1 (linear evaluation uses h, not z).
#ifndef SSNAS_TRAINING_PROBE_STAGE_H_
#define SSNAS_TRAINING_PROBE_STAGE_H_

#include <string>

#include "absl/status/statusor.h"
#include "nlohmann/json.hpp"
#include "ssnas/proto/architecture.pb.h"
#include "ssnas/training/run_context.h"

namespace ssnas {

// `pretrained`: stage whose model.safetensors is probed; empty: the network with its initial
// weights, whose norm statistics are first taken from training images (no label is read for that).
// Result: test_accuracy, train_accuracy, test_images, images, labels_used.
absl::StatusOr<nlohmann::ordered_json> RunProbeStage(const RunContext& context,
                                                     const StageInfo& stage,
                                                     const Architecture& architecture,
                                                     const std::string& pretrained);

}  // namespace ssnas

#endif  // SSNAS_TRAINING_PROBE_STAGE_H_
