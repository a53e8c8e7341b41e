// Series of a run as curves of a chart: a light one with every value, a strong one with moving
// means.
#ifndef SSNAS_REPORT_SECTIONS_CURVES_H_
#define SSNAS_REPORT_SECTIONS_CURVES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "ssnas/report/charts/chart.h"
#include "ssnas/report/run/run_data.h"

namespace ssnas::report {

// Values that a moving mean is over: a thirtieth of the series, odd; 1 for a short one.
int SmoothingWindow(size_t values);
Curve Smoothed(const std::string& name, int color, const Series& series);
// Both curves; only the raw one, drawn strongly, when the series is short.
void AddSmoothed(const std::string& name, int color, const Series& series,
                 std::vector<Curve>* curves);

// The loss of NT-Xent when all similarities are equal: a guess among the 2N − 1 other views of N
// images.
void AddEqualGuess(int images, ChartOptions* options);

}  // namespace ssnas::report

#endif  // SSNAS_REPORT_SECTIONS_CURVES_H_
