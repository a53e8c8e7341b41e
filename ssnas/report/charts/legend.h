// The key of a chart: a short sample of each line and its name, in rows above the plot.
#ifndef SSNAS_REPORT_CHARTS_LEGEND_H_
#define SSNAS_REPORT_CHARTS_LEGEND_H_

#include <string>
#include <vector>

#include "ssnas/report/charts/svg.h"

namespace ssnas::report {

struct LegendEntry {
  std::string name = {};
  std::string css = {};  // of the sample
  bool point = false;
};

struct LegendPlace {
  double x = 0;
  double y = 0;
};

// Where each entry goes in rows of `width`, and the height of them all.
std::vector<LegendPlace> PlaceLegend(const std::vector<LegendEntry>& entries, double width,
                                     double* height);
void DrawLegend(Svg& svg, const std::vector<LegendEntry>& entries,
                const std::vector<LegendPlace>& places, double left, double top);

}  // namespace ssnas::report

#endif  // SSNAS_REPORT_CHARTS_LEGEND_H_
