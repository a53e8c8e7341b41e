// summary.json as a struct.
#ifndef SSNAS_REPORT_RUN_READ_SUMMARY_H_
#define SSNAS_REPORT_RUN_READ_SUMMARY_H_

#include <vector>

#include "nlohmann/json_fwd.hpp"
#include "ssnas/report/run/run_data.h"

namespace ssnas::report {

Summary ParseSummary(const nlohmann::json& object);
// Its "stages"; a stage without a name or a time is left out.
std::vector<StageCost> ParseCosts(const nlohmann::json& object);

}  // namespace ssnas::report

#endif  // SSNAS_REPORT_RUN_READ_SUMMARY_H_
