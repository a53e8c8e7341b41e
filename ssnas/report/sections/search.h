// How the cell was found: losses, softmax(α) over time, when the derived cell settled.
#ifndef SSNAS_REPORT_SECTIONS_SEARCH_H_
#define SSNAS_REPORT_SECTIONS_SEARCH_H_

#include "ssnas/report/markup.h"
#include "ssnas/report/run/run_data.h"

namespace ssnas::report {

// A part that the run does not have says what is missing and why.
Markup SearchSection(const RunData& run);

}  // namespace ssnas::report

#endif  // SSNAS_REPORT_SECTIONS_SEARCH_H_
