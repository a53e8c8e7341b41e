// The top of the report: one sentence with the result, four figures, what is wrong with the run.
#ifndef SSNAS_REPORT_SECTIONS_HEADLINE_H_
#define SSNAS_REPORT_SECTIONS_HEADLINE_H_

#include <string>

#include "ssnas/report/markup.h"
#include "ssnas/report/run/run_data.h"

namespace ssnas::report {

// "A cell found without labels on Fashion-MNIST: …".
std::string HeadlineSentence(const RunData& run);
Markup HeadlineSection(const RunData& run);

}  // namespace ssnas::report

#endif  // SSNAS_REPORT_SECTIONS_HEADLINE_H_
