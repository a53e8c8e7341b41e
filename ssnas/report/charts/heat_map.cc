#include "ssnas/report/charts/heat_map.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "ssnas/report/charts/axis.h"
#include "ssnas/report/charts/svg.h"
#include "ssnas/report/numbers.h"

namespace ssnas::report {
namespace {

constexpr double kNames = 92;  // operation names at the left of a row of panels
constexpr double kPanel = 82;
constexpr double kGap = 12;
constexpr double kRow = 12;  // height of an operation
constexpr double kTitle = 20;
constexpr double kBelow = 16;
constexpr double kScaleHeight = 46;
constexpr int kNameLength = 15;

class HeatMap {
 public:
  explicit HeatMap(const HeatMapOptions& options)
      : options_(options),
        shown_(ThinOut(static_cast<int>(options.weights.size()), kMaxHeatColumns)) {
    Range range;
    for (const int epoch : shown_) {
      for (const auto& edge : options.weights[epoch]) {
        for (const double weight : edge) range.Add(weight);
      }
    }
    range_ = range.Padded(0);
  }

  Markup Draw() {
    const double width = kNames + (options_.nodes + 1) * (kPanel + kGap);
    const double row = kTitle + PanelHeight() + kBelow;
    Svg svg(width, kScaleHeight + options_.nodes * row + 4, options_.label);
    DrawScale(svg);
    for (int to = 2; to < options_.nodes + 2; ++to) {
      const double top = kScaleHeight + (to - 2) * row + kTitle;
      DrawNames(svg, top);
      for (int from = 0; from < to; ++from) DrawPanel(svg, to, from, top);
    }
    return svg.Finish();
  }

 private:
  double PanelHeight() const { return kRow * static_cast<double>(options_.operations.size()); }

  int Shade(double weight) const {
    const double share = (weight - range_.low()) / (range_.high() - range_.low());
    return std::clamp(static_cast<int>(share * kShades), 0, kShades - 1);
  }

  static std::string Opacity(int shade) {
    return absl::StrFormat("%.2f", 0.05 + 0.95 * shade / (kShades - 1));
  }

  void DrawScale(Svg& svg) const {
    constexpr double kWidth = 15;
    for (int shade = 0; shade < kShades; ++shade) {
      svg.Rect(kNames + shade * kWidth, 4, kWidth, 10, "heat", {{"fill-opacity", Opacity(shade)}});
    }
    const double end = kNames + kShades * kWidth;
    svg.Text(kNames, 28, Fixed(range_.low(), 2), "tick", Anchor::kMiddle);
    svg.Text(end, 28, Fixed(range_.high(), 2), "tick", Anchor::kMiddle);
    svg.Text(end + 14, 14, "softmax(α)", "name");
    const double uniform =
        1.0 / static_cast<double>(std::max<size_t>(1, options_.operations.size()));
    const double at =
        kNames + kShades * kWidth * (uniform - range_.low()) / (range_.high() - range_.low());
    if (at > kNames + 24 && at < end - 24) {
      svg.Line(at, 2, at, 17, "axis");
      svg.Text(at, 28, "equal", "tick", Anchor::kMiddle);
    }
  }

  void DrawNames(Svg& svg, double top) const {
    for (size_t i = 0; i < options_.operations.size(); ++i) {
      const std::string name = Shorten(options_.operations[i], kNameLength);
      svg.Text(kNames - 6, top + (static_cast<double>(i) + 0.5) * kRow + 3.5, name, "small",
               Anchor::kEnd);
    }
  }

  // Runs of one shade along time are one box; all boxes of a shade one path.
  void DrawWeights(Svg& svg, int edge, double left, double top) const {
    const double step = kPanel / static_cast<double>(shown_.size());
    std::vector<PathData> shades(kShades);
    for (size_t op = 0; op < options_.operations.size(); ++op) {
      const auto shade_at = [&](size_t i) { return Shade(options_.weights[shown_[i]][edge][op]); };
      for (size_t i = 0; i < shown_.size();) {
        const int shade = shade_at(i);
        size_t end = i + 1;
        while (end < shown_.size() && shade_at(end) == shade) ++end;
        shades[shade].Box(left + static_cast<double>(i) * step,
                          top + static_cast<double>(op) * kRow, static_cast<double>(end - i) * step,
                          kRow);
        i = end;
      }
    }
    for (int shade = 0; shade < kShades; ++shade) {
      svg.Path(shades[shade], "heat", {{"fill-opacity", Opacity(shade)}});
    }
  }

  void DrawPanel(Svg& svg, int to, int from, double top) const {
    const int edge = EdgeRow(to, from);
    const double left = kNames + from * (kPanel + kGap);
    const int chosen = options_.chosen[edge];
    svg.Text(left, top - 6,
             absl::StrCat(from < 2 ? absl::StrCat("k−", 2 - from) : absl::StrCat(from), " → ", to),
             chosen >= 0 ? "key strong" : "key");
    DrawWeights(svg, edge, left, top);
    svg.Rect(left, top, kPanel, PanelHeight(), chosen >= 0 ? "frame chosen" : "frame", {},
             Summary(to, from));
    if (chosen >= 0) {
      const double y = top + (chosen + 0.5) * kRow;
      svg.Path(PathData()
                   .Move(left + kPanel + 8, y - 4.5)
                   .Line(left + kPanel + 2, y)
                   .Line(left + kPanel + 8, y + 4.5),
               "mark");
    }
    if (to == options_.nodes + 1 && !options_.epochs.empty()) {
      svg.Text(left, top + PanelHeight() + 13, absl::StrCat(options_.epochs.front() + 1), "small");
      svg.Text(left + kPanel, top + PanelHeight() + 13, absl::StrCat(options_.epochs.back() + 1),
               "small", Anchor::kEnd);
      if (from == 0) {
        svg.Text(kNames - 6, top + PanelHeight() + 13, "epoch", "small", Anchor::kEnd);
      }
    }
  }

  // The last weights in words, for the tooltip.
  std::string Summary(int to, int from) const {
    std::string text = absl::StrCat(StateTitle(from), " → node ", to, ", last epoch:");
    const auto& weights = options_.weights.back()[EdgeRow(to, from)];
    for (size_t op = 0; op < options_.operations.size(); ++op) {
      absl::StrAppend(&text, "\n", options_.operations[op], " ", Fixed(weights[op], 3));
    }
    return text;
  }

  static std::string StateTitle(int state) {
    return state < 2 ? absl::StrCat("cell k−", 2 - state) : absl::StrCat("node ", state);
  }

  const HeatMapOptions& options_;
  std::vector<int> shown_;
  Range range_;
};

bool Fits(const HeatMapOptions& options) {
  if (options.nodes < 1 || options.nodes > kMaxHeatNodes || options.operations.empty() ||
      options.weights.empty() || options.epochs.size() != options.weights.size()) {
    return false;
  }
  const size_t edges = static_cast<size_t>(EdgeRow(options.nodes + 2, 0));
  for (const auto& epoch : options.weights) {
    if (epoch.size() != edges) return false;
    for (const auto& edge : epoch) {
      if (edge.size() != options.operations.size()) return false;
    }
  }
  return options.chosen.size() == edges;
}

}  // namespace

int EdgeRow(int to, int from) { return to * (to - 1) / 2 - 1 + from; }

std::vector<int> ThinOut(int count, int most) {
  std::vector<int> kept;
  const int columns = std::min(count, most);
  for (int i = 0; i < columns; ++i) {
    kept.push_back(columns == 1
                       ? count - 1
                       : static_cast<int>(static_cast<int64_t>(i) * (count - 1) / (columns - 1)));
  }
  return kept;
}

Markup AlphaHeatMap(const HeatMapOptions& options) {
  return Fits(options) ? HeatMap(options).Draw() : Markup();
}

}  // namespace ssnas::report
