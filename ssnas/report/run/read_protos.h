// The spec and the cells of a run, read without the plugins that they name: a report can be made by
// a program that knows none of the run's own operations.
#ifndef SSNAS_REPORT_RUN_READ_PROTOS_H_
#define SSNAS_REPORT_RUN_READ_PROTOS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "ssnas/proto/architecture.pb.h"
#include "ssnas/proto/experiment.pb.h"
#include "ssnas/report/run/json_lines.h"

namespace ssnas::report {

// Configs of plugins that this program does not link, and fields that it does not know (of a newer
// version), are skipped. Text that is no spec is noted: "spec.textproto:14:5: …".
std::optional<ExperimentSpec> ParseRunSpec(const std::string& text, Problems* problems);

// A genotype in either format (networks/genotype.h), its cells checked, its operations not.
// InvalidArgument with `origin` in it.
absl::StatusOr<Architecture> ParseRunCell(const std::string& text, const std::string& origin);

}  // namespace ssnas::report

#endif  // SSNAS_REPORT_RUN_READ_PROTOS_H_
