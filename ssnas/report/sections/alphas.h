// Figures of one cell over the epochs of a search: softmax(α), and the cell that would have been
// derived.
#ifndef SSNAS_REPORT_SECTIONS_ALPHAS_H_
#define SSNAS_REPORT_SECTIONS_ALPHAS_H_

#include "ssnas/report/markup.h"
#include "ssnas/report/run/run_data.h"

namespace ssnas::report {

// `kind`: kNormal or kReduction. Nothing is added where the search's epochs lack what is to be
// drawn.
void AddHeatMap(Markup& markup, const RunData& run, const SearchRun& search, int kind);
void AddTimeline(Markup& markup, const RunData& run, const SearchRun& search, int kind);

}  // namespace ssnas::report

#endif  // SSNAS_REPORT_SECTIONS_ALPHAS_H_
