#include "ssnas/report/sections/curves.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "ssnas/report/numbers.h"
#include "ssnas/report/statistics.h"

namespace ssnas::report {

int SmoothingWindow(size_t values) {
  const int window = static_cast<int>(values / 30);
  return window < 3 ? 1 : window / 2 * 2 + 1;
}

Curve Smoothed(const std::string& name, int color, const Series& series) {
  return {.name = name,
          .color = color,
          .x = series.step,
          .y = MovingMean(series.value, SmoothingWindow(series.value.size()))};
}

void AddSmoothed(const std::string& name, int color, const Series& series,
                 std::vector<Curve>* curves) {
  if (series.step.empty()) return;
  if (SmoothingWindow(series.value.size()) > 1) {
    curves->push_back({.name = name,
                       .color = color,
                       .style = Curve::kLight,
                       .x = series.step,
                       .y = series.value});
  }
  curves->push_back(Smoothed(name, color, series));
}

void AddEqualGuess(int images, ChartOptions* options) {
  if (images < 2) return;
  const double loss = std::log(2.0 * images - 1);
  options->levels.push_back({loss, absl::StrCat("all alike: log(2N−1) = ", Fixed(loss, 2))});
}

}  // namespace ssnas::report
