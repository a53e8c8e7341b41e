#include "ssnas/report/charts/legend.h"

namespace ssnas::report {
namespace {

constexpr double kRow = 18;
constexpr double kSample = 20;
constexpr int kNameLength = 44;

}  // namespace

std::vector<LegendPlace> PlaceLegend(const std::vector<LegendEntry>& entries, double width,
                                     double* height) {
  std::vector<LegendPlace> places;
  double x = 0;
  double y = 0;
  for (const LegendEntry& entry : entries) {
    const double size = kSample + 6 + TextWidth(Shorten(entry.name, kNameLength), 12) + 16;
    if (x > 0 && x + size > width) {
      x = 0;
      y += kRow;
    }
    places.push_back({x, y});
    x += size;
  }
  *height = entries.empty() ? 0 : y + kRow;
  return places;
}

void DrawLegend(Svg& svg, const std::vector<LegendEntry>& entries,
                const std::vector<LegendPlace>& places, double left, double top) {
  for (size_t i = 0; i < entries.size(); ++i) {
    const double x = left + places[i].x;
    const double y = top + places[i].y + kRow / 2;
    if (entries[i].point) {
      svg.Circle(x + kSample / 2, y, 4, entries[i].css);
    } else {
      svg.Line(x, y, x + kSample, y, entries[i].css);
    }
    const std::string name = Shorten(entries[i].name, kNameLength);
    svg.Text(x + kSample + 6, y + 4, name, "key", Anchor::kStart,
             name == entries[i].name ? "" : entries[i].name);
  }
}

}  // namespace ssnas::report
