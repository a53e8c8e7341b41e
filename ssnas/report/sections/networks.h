// Was it worth it: the found network beside random cells and untrained ones.
#ifndef SSNAS_REPORT_SECTIONS_NETWORKS_H_
#define SSNAS_REPORT_SECTIONS_NETWORKS_H_

#include "ssnas/report/markup.h"
#include "ssnas/report/run/run_data.h"

namespace ssnas::report {

// A part that the run does not have says what is missing and why.
Markup NetworksSection(const RunData& run);

}  // namespace ssnas::report

#endif  // SSNAS_REPORT_SECTIONS_NETWORKS_H_
