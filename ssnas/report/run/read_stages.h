// metrics.jsonl and timings.jsonl of the stages of a run.
#ifndef SSNAS_REPORT_RUN_READ_STAGES_H_
#define SSNAS_REPORT_RUN_READ_STAGES_H_

#include <string>
#include <vector>

#include "ssnas/report/run/run_data.h"

namespace ssnas::report {

// Stage folders below `kind`, such as search/seed_1, search/seed_2, search/seed_10: numbers in
// their order.
std::vector<std::string> StageNames(const std::string& folder, const std::string& kind);

SearchRun ReadSearch(const std::string& folder, const std::string& stage, Problems* problems);
TrainingRun ReadTraining(const std::string& folder, const std::string& stage, Problems* problems);

// The stage's rate over steps and, from the same file, what it cost. Steps done twice, because the
// process was killed in between, count twice. Empty when there is no timings.jsonl.
struct StageTimings {
  StageRate rate;
  StageCost cost;
};
std::optional<StageTimings> ReadTimings(const std::string& folder, const std::string& stage,
                                        Problems* problems);

}  // namespace ssnas::report

#endif  // SSNAS_REPORT_RUN_READ_STAGES_H_
