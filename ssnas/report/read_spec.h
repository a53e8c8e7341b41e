// The spec of a run, without the plugins that its configs belong to.
#ifndef SSNAS_REPORT_READ_SPEC_H_
#define SSNAS_REPORT_READ_SPEC_H_

#include <optional>
#include <string>

#include "ssnas/proto/experiment.pb.h"
#include "ssnas/report/json_lines.h"

namespace ssnas::report {

// Configs of plugins that this program does not link, and fields that it does not know (of a newer version),
// are skipped. Text that is no spec is noted: "spec.textproto:14:5: …".
std::optional<ExperimentSpec> ParseRunSpec(const std::string& text, Problems* problems);

}  // namespace ssnas::report

#endif  // SSNAS_REPORT_READ_SPEC_H_
