// What the objective saw: images of the training set, each with its views; and what the trained
// network takes for alike.
#ifndef SSNAS_REPORT_SECTIONS_VIEWS_H_
#define SSNAS_REPORT_SECTIONS_VIEWS_H_

#include "ssnas/report/markup.h"
#include "ssnas/report/run/run_data.h"

namespace ssnas::report {

// A part that the run does not have says what is missing and why.
Markup ViewsSection(const RunData& run);

}  // namespace ssnas::report

#endif  // SSNAS_REPORT_SECTIONS_VIEWS_H_
