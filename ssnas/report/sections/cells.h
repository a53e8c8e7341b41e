// The cells as graphs, with the strength of each edge and its runner-up.
#ifndef SSNAS_REPORT_SECTIONS_CELLS_H_
#define SSNAS_REPORT_SECTIONS_CELLS_H_

#include "ssnas/report/markup.h"
#include "ssnas/report/run/run_data.h"

namespace ssnas::report {

// A part that the run does not have says what is missing and why.
Markup CellsSection(const RunData& run);

}  // namespace ssnas::report

#endif  // SSNAS_REPORT_SECTIONS_CELLS_H_
