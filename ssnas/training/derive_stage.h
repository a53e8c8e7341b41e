// The stage that turns searches into one cell, and the one that draws random cells.
#ifndef SSNAS_TRAINING_DERIVE_STAGE_H_
#define SSNAS_TRAINING_DERIVE_STAGE_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "nlohmann/json.hpp"
#include "ssnas/proto/architecture.pb.h"
#include "ssnas/training/run_context.h"

namespace ssnas {

// Results of finished stages, by name.
using StageResults = std::map<std::string, nlohmann::ordered_json>;

// Of the searches in `results` takes the one with the least alpha-half loss in its last epoch (no
// label is needed to choose) and derives its cell; with spec.architecture reads that file instead.
// Writes architecture.textproto here and at the run folder's top. Result: architecture (textproto),
// search (the chosen stage).
absl::StatusOr<nlohmann::ordered_json> RunDeriveStage(const RunContext& context,
                                                      const StageInfo& stage,
                                                      const StageResults& results);

// Cells drawn uniformly. Result: architectures (textprotos).
absl::StatusOr<nlohmann::ordered_json> RunRandomStage(const RunContext& context,
                                                      const StageInfo& stage);

// The cell in the file that spec.architecture names or, where it names none, a random one of its
// space: of about the size of the one that will be found.
absl::StatusOr<Architecture> GivenOrRandomArchitecture(const ExperimentSpec& spec);

// The cell called `role` ("found", "random_1", …) as a finished stage left it.
absl::StatusOr<Architecture> ArchitectureOf(const StageResults& results, const std::string& role);

}  // namespace ssnas

#endif  // SSNAS_TRAINING_DERIVE_STAGE_H_
