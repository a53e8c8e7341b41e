// Axes that charts share: a linear scale, ticks at round numbers, the frame with its grid and
// titles.
#ifndef SSNAS_REPORT_CHARTS_AXIS_H_
#define SSNAS_REPORT_CHARTS_AXIS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "ssnas/report/charts/svg.h"

namespace ssnas::report {

// Values from `low` to `high`, drawn from `begin` to `end`.
struct Scale {
  double low = 0;
  double high = 1;
  double begin = 0;
  double end = 1;

  double operator()(double value) const {
    return begin + (value - low) / (high - low) * (end - begin);
  }
};

// The range of values to draw; empty until a finite value is added.
class Range {
 public:
  void Add(double value);
  bool empty() const { return !(low_ <= high_); }
  double low() const { return low_; }
  double high() const { return high_; }
  // Grown by `share` of its length at both ends; never of length 0.
  Range Padded(double share) const;

 private:
  double low_ = 1;
  double high_ = 0;
};

struct Ticks {
  std::vector<double> at;
  int decimals = 0;
};

// About `count` multiples of 1, 2, 2.5 or 5 · 10^k within [low, high]; whole numbers only if asked.
Ticks NiceTicks(double low, double high, int count, bool integers = false);
std::string TickLabel(const Ticks& ticks, size_t index);

// The axis below a plot: its ticks and, below them, its title. `top` is where the vertical grid
// begins; no grid when it equals `bottom`.
void DrawXAxis(Svg& svg, const Scale& x, const Ticks& ticks, double top, double bottom,
               absl::string_view title);
// The axis at the left of a plot: grid lines with their labels.
void DrawYAxis(Svg& svg, const Scale& y, const Ticks& ticks, double left, double right);

}  // namespace ssnas::report

#endif  // SSNAS_REPORT_CHARTS_AXIS_H_
