#include "ssnas/report/charts/dot_plot.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "ssnas/report/charts/axis.h"
#include "ssnas/report/charts/svg.h"
#include "ssnas/report/numbers.h"

namespace ssnas::report {
namespace {

constexpr double kWidth = 480;
constexpr double kLeft = 14;
constexpr double kRight = 70;
constexpr double kRow = 52;
constexpr size_t kMaxIntervals = 12;  // more would hide the dots

void DrawRow(Svg& svg, const DotRow& row, const Scale& x, double top, const std::string& unit) {
  const double middle = top + 33;
  const std::string name = Shorten(row.name, 60);
  svg.Text(kLeft, top + 14, name, "key strong", Anchor::kStart, name == row.name ? "" : row.name);
  svg.Line(x.begin, middle, x.end, middle, "grid");
  std::vector<double> values;
  for (const Dot& dot : row.dots) values.push_back(dot.value);
  if (values.empty()) return;
  // Dots of a row are set apart in height, in up to five lanes, so that equal ones are seen.
  const double lanes = static_cast<double>(std::min<size_t>(row.dots.size(), 5));
  for (size_t i = 0; i < row.dots.size(); ++i) {
    const Dot& dot = row.dots[i];
    const double y = middle + (static_cast<double>(i % 5) - (lanes - 1) / 2) * 6;
    if (dot.interval && row.dots.size() <= kMaxIntervals) {
      svg.Line(x(dot.interval->low), y, x(dot.interval->high), y,
               absl::StrCat("interval s", row.color), dot.hover);
    }
    svg.Circle(x(dot.value), y, 5, absl::StrCat("dot f", row.color), dot.hover);
  }
  const double mean = Mean(values);
  if (values.size() > 1) svg.Line(x(mean), middle - 15, x(mean), middle + 15, "mean");
  svg.Text(kWidth - kRight + 12, middle + 4, absl::StrCat(Fixed(mean, 1), unit), "key strong");
}

Range DrawnRange(const std::vector<DotRow>& rows) {
  Range range;
  for (const DotRow& row : rows) {
    for (const Dot& dot : row.dots) {
      range.Add(dot.value);
      if (dot.interval && row.dots.size() <= kMaxIntervals) {
        range.Add(dot.interval->low);
        range.Add(dot.interval->high);
      }
    }
  }
  return range;
}

}  // namespace

Markup DotPlot(const DotPlotOptions& options, const std::vector<DotRow>& rows) {
  Range range = DrawnRange(rows);
  if (range.empty()) return Markup();
  const bool chance_near = options.chance &&
                           *options.chance > range.low() - (range.high() - range.low()) &&
                           *options.chance < range.high() + (range.high() - range.low());
  if (chance_near) range.Add(*options.chance);
  const Range drawn = range.Padded(0.08);
  const double bottom = kRow * static_cast<double>(rows.size()) + 10;
  Svg svg(kWidth, bottom + 42, options.label);
  const Scale x{drawn.low(), drawn.high(), kLeft, kWidth - kRight};
  DrawXAxis(svg, x, NiceTicks(drawn.low(), drawn.high(), 6), 0, bottom, options.x_title);
  for (size_t i = 0; i < rows.size(); ++i) {
    DrawRow(svg, rows[i], x, kRow * static_cast<double>(i), options.unit);
  }
  if (options.chance && std::isfinite(*options.chance)) {
    const std::string name =
        absl::StrCat(options.chance_name, " ", Fixed(*options.chance, 1), options.unit);
    if (chance_near) {
      svg.Line(x(*options.chance), 0, x(*options.chance), bottom, "level");
      svg.Text(x(*options.chance) + 5, bottom - 6, name, "note halo");
    } else if (*options.chance < drawn.low()) {
      svg.Text(kLeft + 2, bottom - 6, absl::StrCat("← ", name), "note halo");
    } else {
      svg.Text(kWidth - kRight - 2, bottom - 6, absl::StrCat(name, " →"), "note halo",
               Anchor::kEnd);
    }
  }
  return svg.Finish();
}

}  // namespace ssnas::report
