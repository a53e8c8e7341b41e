// Reads a run folder; what is wrong in its files becomes a problem of the run, not an error.
#ifndef SSNAS_REPORT_RUN_READ_RUN_H_
#define SSNAS_REPORT_RUN_READ_RUN_H_

#include <string>

#include "absl/status/statusor.h"
#include "ssnas/report/run/run_data.h"

namespace ssnas::report {

// InArea kRunFolder: NotFound when there is no such folder, FailedPrecondition when it holds no
// run.
absl::StatusOr<RunData> ReadRun(const std::string& folder);

}  // namespace ssnas::report

#endif  // SSNAS_REPORT_RUN_READ_RUN_H_
