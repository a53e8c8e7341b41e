#include "ssnas/report/charts/axis.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "ssnas/core/readable.h"
#include "ssnas/report/numbers.h"

namespace ssnas::report {

void Range::Add(double value) {
  if (!std::isfinite(value)) return;
  if (empty()) {
    low_ = high_ = value;
    return;
  }
  low_ = std::min(low_, value);
  high_ = std::max(high_, value);
}

Range Range::Padded(double share) const {
  Range padded = *this;
  if (empty()) {
    padded.low_ = 0;
    padded.high_ = 1;
  } else if (high_ - low_ <= 1e-9 * std::max(std::fabs(high_), std::fabs(low_))) {
    const double around = low_ == 0 ? 1 : 0.1 * std::fabs(low_);
    padded.low_ = low_ - around;
    padded.high_ = high_ + around;
  } else {
    padded.low_ -= share * (high_ - low_);
    padded.high_ += share * (high_ - low_);
  }
  return padded;
}

Ticks NiceTicks(double low, double high, int count, bool integers) {
  Ticks ticks;
  if (!(high > low) || !std::isfinite(high - low)) return ticks;
  const double raw = (high - low) / std::max(1, count);
  const int power = static_cast<int>(std::floor(std::log10(raw)));
  double step = 0;
  int decimals = 0;
  for (const double factor : {1.0, 2.0, 2.5, 5.0, 10.0}) {
    step = factor * std::pow(10.0, power);
    decimals = std::max(0, -power + (factor == 2.5 ? 1 : factor == 10.0 ? -1 : 0));
    const bool whole = power > 0 || (power == 0 && factor != 2.5);
    if (step >= raw * (1 - 1e-9) && (!integers || whole)) break;
  }
  if (integers && step < 1) step = 1;
  ticks.decimals = integers ? 0 : decimals;
  const double first = std::ceil(low / step - 1e-9);
  const double last = std::floor(high / step + 1e-9);
  for (double i = first; i <= last && ticks.at.size() < 64; ++i) ticks.at.push_back(i * step);
  return ticks;
}

std::string TickLabel(const Ticks& ticks, size_t index) {
  const double value = ticks.at[index];
  if (std::fabs(value) >= 1e15 || (ticks.decimals > 6)) return Significant(value, 3);
  if (ticks.decimals == 0) return Grouped(static_cast<int64_t>(std::llround(value)));
  return Fixed(value == 0 ? 0.0 : value, ticks.decimals);
}

void DrawXAxis(Svg& svg, const Scale& x, const Ticks& ticks, double top, double bottom,
               absl::string_view title) {
  for (size_t i = 0; i < ticks.at.size(); ++i) {
    const double at = x(ticks.at[i]);
    if (top < bottom) svg.Line(at, top, at, bottom, "grid");
    svg.Line(at, bottom, at, bottom + 4, "axis");
    svg.Text(at, bottom + 16, TickLabel(ticks, i), "tick", Anchor::kMiddle);
  }
  svg.Line(x.begin, bottom, x.end, bottom, "axis");
  svg.Text((x.begin + x.end) / 2, bottom + 33, title, "name", Anchor::kMiddle);
}

void DrawYAxis(Svg& svg, const Scale& y, const Ticks& ticks, double left, double right) {
  for (size_t i = 0; i < ticks.at.size(); ++i) {
    const double at = y(ticks.at[i]);
    svg.Line(left, at, right, at, "grid");
    svg.Text(left - 6, at + 4, TickLabel(ticks, i), "tick", Anchor::kEnd);
  }
}

}  // namespace ssnas::report
