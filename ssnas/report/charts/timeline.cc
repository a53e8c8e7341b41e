#include "ssnas/report/charts/timeline.h"

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "ssnas/report/charts/axis.h"
#include "ssnas/report/charts/svg.h"

namespace ssnas::report {
namespace {

constexpr double kWidth = 460;
constexpr double kNames = 62;
constexpr double kRight = 14;
constexpr double kRow = 15;
constexpr double kTop = 6;

}  // namespace

Markup Timeline(const TimelineOptions& options, const OperationPalette& palette) {
  if (options.epochs.empty()) return Markup();
  const double bottom = kTop + kRow * static_cast<double>(options.rows.size());
  Svg svg(kWidth, bottom + 42, options.label);
  const double first = options.epochs.front() - 0.5;
  const double last = options.epochs.back() + 0.5;
  const Scale x{first, last, kNames, kWidth - kRight};
  for (size_t r = 0; r < options.rows.size(); ++r) {
    const TimelineRow& row = options.rows[r];
    const double top = kTop + kRow * static_cast<double>(r);
    svg.Text(kNames - 6, top + kRow / 2 + 4, row.name, "small", Anchor::kEnd);
    svg.Line(kNames, top + kRow / 2, kWidth - kRight, top + kRow / 2, "grid");
    for (size_t i = 0; i < row.operations.size();) {
      size_t end = i + 1;
      while (end < row.operations.size() && row.operations[end] == row.operations[i]) ++end;
      if (!row.operations[i].empty()) {
        const double from = x(options.epochs[i] - 0.5);
        const double to = x(options.epochs[end - 1] + 0.5);
        const OperationStyle style = palette.StyleOf(row.operations[i]);
        // A second size of the same kind is a thinner bar, as it is a dashed line in the graph.
        const double inset = style.variant == 0 ? 2 : 4.5;
        svg.Rect(from + 0.5, top + inset, to - from - 1, kRow - 2 * inset,
                 absl::StrCat("f", style.color), {},
                 absl::StrCat(row.name, ": ", row.operations[i], ", epoch ", options.epochs[i],
                              end - i > 1 ? absl::StrCat(" to ", options.epochs[end - 1]) : ""));
      }
      i = end;
    }
  }
  DrawXAxis(svg, x, NiceTicks(options.epochs.front(), options.epochs.back(), 8, /*integers=*/true),
            bottom, bottom, "epoch");
  return svg.Finish();
}

}  // namespace ssnas::report
