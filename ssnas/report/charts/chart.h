// Line charts with named axes. A long series is drawn by the lowest and highest value of each of at
// most kBuckets stretches, so that no spike is lost and the page stays small.
#ifndef SSNAS_REPORT_CHARTS_CHART_H_
#define SSNAS_REPORT_CHARTS_CHART_H_

#include <string>
#include <vector>

#include "ssnas/report/markup.h"

namespace ssnas::report {

inline constexpr int kBuckets = 300;

struct Curve {
  enum Style { kLine, kDashed, kLight, kSteps, kPoints };
  std::string name = {};  // a light curve is the raw form of another one: not in the legend
  int color = 0;          // of the palette
  Style style = kLine;
  std::vector<double> x = {};
  std::vector<double> y = {};  // as many; a value that is not finite leaves a gap
};

// A value to compare with, drawn across the plot.
struct Level {
  double y = 0;
  std::string name = {};
};

struct ChartOptions {
  std::string label = {};  // in words, for readers who do not see it
  std::string x_title = {};
  std::string y_title = {};
  bool from_zero = false;
  bool integer_y = false;
  std::vector<Level> levels = {};
  double width = 460;
  double height = 270;
};

// Empty curves are left out; says so in the plot when nothing is left.
Markup LineChart(const ChartOptions& options, const std::vector<Curve>& curves);

// At most 2 · kBuckets points that keep the extremes of each bucket, in order of x.
Curve Downsample(const Curve& curve);

}  // namespace ssnas::report

#endif  // SSNAS_REPORT_CHARTS_CHART_H_
