#include "ssnas/report/charts/bar_chart.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "ssnas/report/charts/axis.h"
#include "ssnas/report/charts/svg.h"

namespace ssnas::report {
namespace {

constexpr double kWidth = 480;
constexpr double kRight = 92;
constexpr double kRow = 30;
constexpr int kNameLength = 28;

}  // namespace

Markup BarChart(const BarChartOptions& options, const std::vector<Bar>& bars) {
  Range range;
  range.Add(0);
  double left = 0;
  for (const Bar& bar : bars) {
    range.Add(bar.value);
    left = std::max(left, TextWidth(Shorten(bar.name, kNameLength), 12));
  }
  if (range.high() <= 0) return Markup();
  left = std::clamp(left + 14, 60.0, 190.0);
  const double bottom = 4 + kRow * static_cast<double>(bars.size());
  Svg svg(kWidth, bottom + 42, options.label);
  const Scale x{0, range.high(), left, kWidth - kRight};
  DrawXAxis(svg, x, NiceTicks(0, range.high(), 6), 4, bottom, options.x_title);
  for (size_t i = 0; i < bars.size(); ++i) {
    const Bar& bar = bars[i];
    const double top = 4 + kRow * static_cast<double>(i);
    const double middle = top + kRow / 2 + 4;
    const std::string name = Shorten(bar.name, kNameLength);
    svg.Text(left - 8, middle, name, "key", Anchor::kEnd, name == bar.name ? "" : bar.name);
    svg.Rect(left, top + 5, std::max(1.0, x(bar.value) - left), kRow - 10,
             absl::StrCat("f", bar.color), {}, bar.hover);
    if (bar.part > 0) {
      svg.Rect(left, top + 5, x(std::min(bar.part, bar.value)) - left, kRow - 10, "wait", {},
               bar.hover);
    }
    svg.Text(x(bar.value) + 8, middle, bar.text, "key");
  }
  return svg.Finish();
}

}  // namespace ssnas::report
