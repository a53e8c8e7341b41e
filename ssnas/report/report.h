// report.html of a run: one file, no script, no network, from the files of the run folder alone.
//
// Example:
//   SSNAS_RETURN_IF_ERROR(WriteReport("runs/fashion_mnist_ssnas"));   // writes …/report.html
#ifndef SSNAS_REPORT_REPORT_H_
#define SSNAS_REPORT_REPORT_H_

#include <string>

#include "absl/status/status.h"
#include "ssnas/report/run/run_data.h"

namespace ssnas {

// Writes FOLDER/report.html. Works for unfinished runs: a part that is missing says so. What is
// wrong in the run's files (a bad line, a cut file) is named on the page and left out. InArea
// kRunFolder: no such folder, no run in it, or it cannot be written.
absl::Status WriteReport(const std::string& folder);

namespace report {

// The page; any text from the run is escaped.
std::string RenderReport(const RunData& run);

}  // namespace report
}  // namespace ssnas

#endif  // SSNAS_REPORT_REPORT_H_
