// What the run cost: time by stage, images a second, memory, time waited for data.
#ifndef SSNAS_REPORT_SECTIONS_COST_H_
#define SSNAS_REPORT_SECTIONS_COST_H_

#include "ssnas/report/markup.h"
#include "ssnas/report/run/run_data.h"

namespace ssnas::report {

// A part that the run does not have says what is missing and why.
Markup CostSection(const RunData& run);

}  // namespace ssnas::report

#endif  // SSNAS_REPORT_SECTIONS_COST_H_
