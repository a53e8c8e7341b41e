#include "ssnas/report/charts/chart.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "ssnas/report/charts/axis.h"
#include "ssnas/report/charts/legend.h"
#include "ssnas/report/charts/svg.h"

namespace ssnas::report {
namespace {

constexpr double kLeft = 56;
constexpr double kRight = 14;
constexpr double kBottom = 42;

struct Plot {
  Scale x;
  Scale y;
};

bool Drawable(const Curve& curve, size_t i) {
  return std::isfinite(curve.x[i]) && std::isfinite(curve.y[i]);
}

std::string StyleClass(const Curve& curve) {
  static constexpr const char* kStyles[] = {"line", "line dashed", "line light", "line", ""};
  if (curve.style == Curve::kPoints) return absl::StrCat("dot f", curve.color);
  return absl::StrCat(kStyles[curve.style], " s", curve.color);
}

PathData CurvePath(const Curve& curve, const Plot& plot) {
  PathData path;
  bool down = false;
  double last = 0;
  for (size_t i = 0; i < curve.x.size(); ++i) {
    if (!Drawable(curve, i)) {
      down = false;
      continue;
    }
    const double x = plot.x(curve.x[i]);
    const double y = plot.y(curve.y[i]);
    if (!down) {
      path.Move(x, y);
    } else {
      if (curve.style == Curve::kSteps) path.Line(x, last);
      path.Line(x, y);
    }
    down = true;
    last = y;
  }
  return path;
}

void DrawCurve(Svg& svg, const Curve& curve, const Plot& plot) {
  const Curve drawn = Downsample(curve);
  const auto finite =
      std::count_if(drawn.y.begin(), drawn.y.end(), [](double y) { return std::isfinite(y); });
  if (curve.style != Curve::kPoints && finite > 1) {
    svg.Path(CurvePath(drawn, plot), StyleClass(curve));
    return;
  }
  for (size_t i = 0; i < drawn.x.size(); ++i) {
    if (!Drawable(drawn, i)) continue;
    svg.Circle(plot.x(drawn.x[i]), plot.y(drawn.y[i]), 3.2, absl::StrCat("dot f", curve.color));
  }
}

void DrawLevels(Svg& svg, const ChartOptions& options, const Plot& plot) {
  for (const Level& level : options.levels) {
    if (!std::isfinite(level.y)) continue;
    const double y = plot.y(level.y);
    svg.Line(plot.x.begin, y, plot.x.end, y, "level");
    // Above the line unless that is outside of the plot.
    const double text = y - 5 < plot.y.end + 8 ? y + 13 : y - 5;
    svg.Text(plot.x.end - 2, text, level.name, "note halo", Anchor::kEnd);
  }
}

void FindRanges(const ChartOptions& options, const std::vector<Curve>& curves, Range* x, Range* y) {
  for (const Curve& curve : curves) {
    for (size_t i = 0; i < curve.x.size(); ++i) {
      if (!Drawable(curve, i)) continue;
      x->Add(curve.x[i]);
      y->Add(curve.y[i]);
    }
  }
  if (x->empty()) return;
  for (const Level& level : options.levels) y->Add(level.y);
  if (options.from_zero) y->Add(0);
}

std::vector<LegendEntry> Legend(const std::vector<Curve>& curves) {
  std::vector<LegendEntry> entries;
  for (const Curve& curve : curves) {
    if (curve.x.empty() || curve.style == Curve::kLight || curve.name.empty()) continue;
    entries.push_back({curve.name, StyleClass(curve), curve.style == Curve::kPoints});
  }
  return entries;
}

}  // namespace

Curve Downsample(const Curve& curve) {
  const size_t size = std::min(curve.x.size(), curve.y.size());
  Curve out = curve;
  out.x.resize(size);
  out.y.resize(size);
  if (size <= 2 * size_t{kBuckets}) return out;
  out.x.clear();
  out.y.clear();
  const auto keep = [&](size_t i) {
    out.x.push_back(curve.x[i]);
    out.y.push_back(curve.y[i]);
  };
  for (size_t bucket = 0; bucket < kBuckets; ++bucket) {
    const size_t end = (bucket + 1) * size / kBuckets;
    size_t low = size;
    size_t high = size;
    for (size_t i = bucket * size / kBuckets; i < end; ++i) {
      if (!Drawable(curve, i)) continue;
      if (low == size || curve.y[i] < curve.y[low]) low = i;
      if (high == size || curve.y[i] > curve.y[high]) high = i;
    }
    if (low == size) continue;
    keep(std::min(low, high));
    if (low != high) keep(std::max(low, high));
  }
  return out;
}

Markup LineChart(const ChartOptions& options, const std::vector<Curve>& curves) {
  Range x_range;
  Range y_range;
  FindRanges(options, curves, &x_range, &y_range);
  const std::vector<LegendEntry> legend = Legend(curves);
  double legend_height = 0;
  const auto places = PlaceLegend(legend, options.width - kRight - 4, &legend_height);
  const double top = legend_height + 26;
  const double height = options.height + legend_height;
  const double bottom = height - kBottom;
  Svg svg(options.width, height, options.label);
  DrawLegend(svg, legend, places, 4, 0);
  svg.Text(4, legend_height + 14, options.y_title, "name");
  if (x_range.empty()) {
    svg.Text(options.width / 2, (top + bottom) / 2, "no values yet", "note", Anchor::kMiddle);
    return svg.Finish();
  }
  // Loss and the like use the whole height; what starts at zero is drawn from zero exactly.
  Range x_drawn = x_range.low() == x_range.high() ? x_range.Padded(0.5) : x_range;
  Range y_drawn = y_range.Padded(0.05);
  const double y_low = options.from_zero && y_range.low() >= 0 ? 0 : y_drawn.low();
  const Plot plot = {{x_drawn.low(), x_drawn.high(), kLeft, options.width - kRight},
                     {y_low, y_drawn.high(), bottom, top}};
  DrawYAxis(svg, plot.y, NiceTicks(y_low, y_drawn.high(), 5, options.integer_y), kLeft,
            options.width - kRight);
  DrawXAxis(svg, plot.x, NiceTicks(x_drawn.low(), x_drawn.high(), 6, /*integers=*/true), bottom,
            bottom, options.x_title);
  for (const Curve& curve : curves) DrawCurve(svg, curve, plot);
  DrawLevels(svg, options, plot);
  return svg.Finish();
}

}  // namespace ssnas::report
