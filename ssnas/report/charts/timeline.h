// When the derived cell settled: a row an edge, a column an epoch, coloured by the operation that
// the cell derived at that epoch would have had there; blank where it would not have had the edge.
#ifndef SSNAS_REPORT_CHARTS_TIMELINE_H_
#define SSNAS_REPORT_CHARTS_TIMELINE_H_

#include <string>
#include <vector>

#include "ssnas/report/charts/palette.h"
#include "ssnas/report/markup.h"

namespace ssnas::report {

struct TimelineRow {
  std::string name = {};                     // "k−2 → 2"
  std::vector<std::string> operations = {};  // one an epoch, "" for none
};

struct TimelineOptions {
  std::string label = {};
  std::vector<int> epochs = {};  // counted from 1, as shown
  std::vector<TimelineRow> rows = {};
};

Markup Timeline(const TimelineOptions& options, const OperationPalette& palette);

}  // namespace ssnas::report

#endif  // SSNAS_REPORT_CHARTS_TIMELINE_H_
