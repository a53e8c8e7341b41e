// Nearest neighbours in feature space: images with those that the network takes for most alike.
#ifndef SSNAS_REPORT_SECTIONS_NEIGHBORS_H_
#define SSNAS_REPORT_SECTIONS_NEIGHBORS_H_

#include "ssnas/report/markup.h"
#include "ssnas/report/run/run_data.h"

namespace ssnas::report {

// A part of a section; nothing for a run without pretraining.
void AddNeighbors(Markup& markup, const RunData& run);

}  // namespace ssnas::report

#endif  // SSNAS_REPORT_SECTIONS_NEIGHBORS_H_
