// What a finished run says: summary.json, results.json, and the table on the terminal.
//
// results.json holds only what the computation determines, so that it is byte-equal for equal runs;
// times, rates and memory are in summary.json, gathered from the stages' timings.jsonl. Fields:
// docs/run_folder.md.
#ifndef SSNAS_TRAINING_SUMMARY_H_
#define SSNAS_TRAINING_SUMMARY_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "nlohmann/json.hpp"
#include "ssnas/training/run_context.h"
#include "ssnas/training/stage_graph.h"

namespace ssnas {

struct SummaryFacts {
  std::string command;  // that repeats the run
  std::string cpu;
  std::string commit;  // empty when not known
};

// Writes the files at the run folder's top and returns summary.json's contents.
absl::StatusOr<nlohmann::ordered_json> WriteSummary(const RunContext& context,
                                                    const std::vector<Stage>& stages,
                                                    const StageResults& results,
                                                    const SummaryFacts& facts);

// The networks as a table that can be pasted into a mail.
std::string ResultTable(const nlohmann::ordered_json& summary);

// SHA-256 over all final tensors of all stages (final.safetensors), in the order of stage and
// tensor names, and over the chosen cell.
absl::StatusOr<std::string> ResultDigest(const RunContext& context,
                                         const std::vector<Stage>& stages);

}  // namespace ssnas

#endif  // SSNAS_TRAINING_SUMMARY_H_
