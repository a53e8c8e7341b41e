// Reads JSON files of a run, and notes as a line for the reader of the report what is wrong in
// them.
#ifndef SSNAS_REPORT_RUN_JSON_LINES_H_
#define SSNAS_REPORT_RUN_JSON_LINES_H_

#include <functional>
#include <string>
#include <vector>

#include "nlohmann/json_fwd.hpp"

namespace ssnas::report {

// What was wrong in the run's files, in words: "search/seed_1/metrics.jsonl:17: no JSON object; …".
using Problems = std::vector<std::string>;

// Calls `take` for each line of the file `name` in `folder` that is an object. Other lines are
// noted (a few a file, then their number) and skipped. A file that is not there is no problem;
// returns whether it is.
bool ReadJsonLines(const std::string& folder, const std::string& name, Problems* problems,
                   const std::function<void(const nlohmann::json&)>& take);

// The object that is the whole file; null when it is not there or none (which is noted).
nlohmann::json ReadJsonObject(const std::string& folder, const std::string& name,
                              Problems* problems);

// The text of a file, "" when it is not there or cannot be read (which is noted).
std::string ReadTextFile(const std::string& folder, const std::string& name, Problems* problems);

}  // namespace ssnas::report

#endif  // SSNAS_REPORT_RUN_JSON_LINES_H_
