// How to repeat the run: command, resolved spec, versions, digest.
#ifndef SSNAS_REPORT_SECTIONS_REPEAT_H_
#define SSNAS_REPORT_SECTIONS_REPEAT_H_

#include "ssnas/report/markup.h"
#include "ssnas/report/run/run_data.h"

namespace ssnas::report {

// A part that the run does not have says what is missing and why.
Markup RepeatSection(const RunData& run);

}  // namespace ssnas::report

#endif  // SSNAS_REPORT_SECTIONS_REPEAT_H_
