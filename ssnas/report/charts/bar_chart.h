// Horizontal bars on one axis, each with a darker part: time of the stages and, of it, time waited.
#ifndef SSNAS_REPORT_CHARTS_BAR_CHART_H_
#define SSNAS_REPORT_CHARTS_BAR_CHART_H_

#include <string>
#include <vector>

#include "ssnas/report/markup.h"

namespace ssnas::report {

struct Bar {
  std::string name = {};
  std::string text = {};  // after the bar
  int color = 0;
  double value = 0;
  double part = 0;  // of it, from the left
  std::string hover = {};
};

struct BarChartOptions {
  std::string label = {};
  std::string x_title = {};
};

Markup BarChart(const BarChartOptions& options, const std::vector<Bar>& bars);

}  // namespace ssnas::report

#endif  // SSNAS_REPORT_CHARTS_BAR_CHART_H_
