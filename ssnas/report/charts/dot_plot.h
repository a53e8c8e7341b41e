// Each result as a dot with its interval, a row a group of networks, the group's mean as a tick:
// overlap is seen, not hidden.
#ifndef SSNAS_REPORT_CHARTS_DOT_PLOT_H_
#define SSNAS_REPORT_CHARTS_DOT_PLOT_H_

#include <optional>
#include <string>
#include <vector>

#include "ssnas/report/markup.h"
#include "ssnas/report/statistics.h"

namespace ssnas::report {

struct Dot {
  double value = 0;
  std::optional<Interval> interval = {};
  std::string hover = {};
};

struct DotRow {
  std::string name = {};
  int color = 0;
  std::vector<Dot> dots = {};
};

struct DotPlotOptions {
  std::string label = {};
  std::string x_title = {};
  std::string unit = {};  // after the value, "%"
  // A value to compare with; beyond the dots it is only named, so that the axis still shows them
  // apart.
  std::optional<double> chance = {};
  std::string chance_name = {};
};

Markup DotPlot(const DotPlotOptions& options, const std::vector<DotRow>& rows);

}  // namespace ssnas::report

#endif  // SSNAS_REPORT_CHARTS_DOT_PLOT_H_
