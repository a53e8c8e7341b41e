// The stages of a spec, joined by what they hand on, and their run.
//
//   search/seed_S … → derive → pretrain/found → probe/found
//                     random → pretrain/random_k → probe/random_k     (evaluate/… likewise;
//                     probe/untrained)
//
// A stage's digest covers its part of the resolved spec and its inputs' digests: a finished stage
// is never run twice, a changed one never silently reused.
#ifndef SSNAS_TRAINING_STAGE_GRAPH_H_
#define SSNAS_TRAINING_STAGE_GRAPH_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "nlohmann/json.hpp"
#include "ssnas/proto/experiment.pb.h"
#include "ssnas/training/derive_stage.h"
#include "ssnas/training/run_context.h"

namespace ssnas {

enum class StageKind { kSearch, kDerive, kRandom, kPretrain, kProbe, kEvaluate };

struct Stage {
  StageKind kind;
  std::string name;                 // folder
  std::string role;                 // "found", "random_1", "untrained"; empty for searches
  std::vector<std::string> inputs;  // names of stages
  std::string digest;
  std::function<absl::StatusOr<nlohmann::ordered_json>(const RunContext&, const StageInfo&,
                                                       const StageResults&)>
      run;
};

// In an order in which they can run. `spec` is resolved.
std::vector<Stage> BuildStages(const ExperimentSpec& spec);
// The stages of kinds up to and including `last`, and what they need.
std::vector<Stage> StagesUpTo(std::vector<Stage> stages, StageKind last);

// "search → derive → pretrain (found, random_1) → …".
std::string DescribeStages(const std::vector<Stage>& stages);

// Before the first step of any of them: an error names one that has too few images (area kUser) or
// cannot fit in memory (ResourceExhausted, area kResources), and what to change. A cell that is not
// known yet counts as a random one. The run folder is not looked at.
absl::Status PreflightStages(const RunContext& context, const std::vector<Stage>& stages);

// Runs what is not finished yet; prints one line that stays for each. Returns every result.
absl::StatusOr<StageResults> RunStages(const RunContext& context, const std::vector<Stage>& stages);

}  // namespace ssnas

#endif  // SSNAS_TRAINING_STAGE_GRAPH_H_
