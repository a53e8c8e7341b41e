#include "ssnas/report/charts/cell_graph.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ssnas/report/charts/cell_layout.h"
#include "ssnas/report/charts/svg.h"

namespace ssnas::report {
namespace {

constexpr double kPort = 23;      // between lines that enter a node, room for a label each
constexpr double kNodeGap = 16;   // between nodes of a column
constexpr double kLane = 24;      // of a line that passes a column
constexpr double kHalfNode = 15;  // half the width of a node's box
constexpr double kHalfInput = 31;
constexpr double kLabel = 88;  // straight end of a line, on which its label stands
constexpr double kBend = 62;   // width in which lines change their height
constexpr double kOutputGap = 56;
constexpr double kMargin = 10;
constexpr int kLabelLength = 14;

class Drawing {
 public:
  Drawing(const CellDrawing& cell, const OperationPalette& palette)
      : cell_(cell), palette_(palette), states_(cell.nodes + 2) {
    std::vector<std::pair<int, int>> links;
    std::vector<int> incoming(states_ + 1, 0);
    for (const GraphEdge& edge : cell.edges) {
      links.emplace_back(edge.from, edge.to);
      ++incoming[edge.to];
    }
    for (const int state : cell.concat) links.emplace_back(state, states_);
    std::vector<double> size;
    for (int state = 0; state <= states_; ++state) {
      half_height_.push_back(std::max(13.0, incoming[state] * kPort / 2));
      size.push_back(2 * half_height_.back() + kNodeGap);
    }
    layout_ = LayOutCell(states_, links, size, kLane);
  }

  double width() const { return Right(states_) + kMargin; }
  double height() const { return layout_.height + 2 * kMargin; }

  Markup Draw() {
    Svg svg(width(), height(), cell_.label);
    for (size_t i = 0; i < cell_.concat.size(); ++i) DrawConcat(svg, i);
    for (const size_t i : InDrawingOrder()) DrawEdge(svg, i);
    for (int state = 0; state <= states_; ++state) DrawState(svg, state);
    return svg.Finish();
  }

 private:
  bool IsOutput(int state) const { return state == states_; }
  double HalfWidth(int state) const {
    return state < 2 ? kHalfInput : IsOutput(state) ? kHalfNode + 3 : kHalfNode;
  }
  // Centre of a column.
  double ColumnX(int column) const {
    const double first = kMargin + kHalfInput;
    if (column == 0) return first;
    const double pitch = 2 * kHalfNode + kBend + kLabel;
    const double nodes = first + kHalfInput - kHalfNode + column * pitch;
    return column + 1 < layout_.columns ? nodes : nodes - kBend - kLabel + kOutputGap + 3;
  }
  double X(int state) const { return ColumnX(layout_.column[state]); }
  double Y(int state) const { return kMargin + layout_.y[state]; }
  double Right(int state) const { return X(state) + HalfWidth(state); }

  // Lines that enter a node do so one below the other, in the order of where they come from.
  double PortY(size_t index) const {
    const GraphEdge& edge = cell_.edges[index];
    std::vector<std::pair<double, size_t>> entering;
    for (size_t i = 0; i < cell_.edges.size(); ++i) {
      if (cell_.edges[i].to == edge.to) entering.emplace_back(LastY(i), i);
    }
    std::sort(entering.begin(), entering.end());
    const auto at = std::find_if(entering.begin(), entering.end(),
                                 [&](const auto& entry) { return entry.second == index; });
    const double position = static_cast<double>(at - entering.begin());
    return Y(edge.to) + (position - (static_cast<double>(entering.size()) - 1) / 2) * kPort;
  }

  double LastY(size_t edge) const {
    const auto& route = layout_.route[edge];
    return route.empty() ? Y(cell_.edges[edge].from) : kMargin + route.back().y;
  }

  // From the right side of a state through the places of its route, level where there are nodes or
  // labels beside it; returns the x where it ends.
  void Follow(PathData& path, int from, const std::vector<Point>& route, double end_x,
              double end_y) const {
    double x = Right(from);
    double y = Y(from);
    path.Move(x, y);
    const auto bend_to = [&](double to_x, double to_y) {
      const double middle = (x + to_x) / 2;
      path.Curve(middle, y, middle, to_y, to_x, to_y);
      x = to_x;
      y = to_y;
    };
    for (const Point& place : route) {
      const double centre = ColumnX(static_cast<int>(place.x));
      bend_to(centre - kHalfNode - kLabel, kMargin + place.y);
      x = centre + kHalfNode;
      path.Line(x, y);
    }
    bend_to(end_x, end_y);
  }

  void DrawConcat(Svg& svg, size_t i) const {
    PathData path;
    Follow(path, cell_.concat[i], layout_.route[cell_.edges.size() + i],
           X(states_) - HalfWidth(states_), Y(states_));
    svg.Path(path, "concat", {},
             absl::StrCat(StateName(cell_.concat[i]), " is part of the output"));
  }

  // Strong lines last, on top.
  std::vector<size_t> InDrawingOrder() const {
    std::vector<size_t> order(cell_.edges.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [this](size_t a, size_t b) {
      return cell_.edges[a].width < cell_.edges[b].width;
    });
    return order;
  }

  void DrawEdge(Svg& svg, size_t i) const {
    const GraphEdge& edge = cell_.edges[i];
    const double port = PortY(i);
    const double end = X(edge.to) - HalfWidth(edge.to);
    PathData path;
    Follow(path, edge.from, layout_.route[i], end - kLabel, port);
    path.Line(end, port);
    svg.Path(path, OperationLine(palette_, edge.operation),
             {{"stroke-width", Coordinate(edge.width)}}, edge.hover);
    svg.Text(end - kLabel / 2, port - edge.width / 2 - 4, Shorten(edge.operation, kLabelLength),
             "op", Anchor::kMiddle, edge.hover);
  }

  void DrawState(Svg& svg, int state) const {
    const double half = HalfWidth(state);
    const double tall = half_height_[state];
    svg.Rect(X(state) - half, Y(state) - tall, 2 * half, 2 * tall,
             state < 2 || IsOutput(state) ? "state end" : "state", {{"rx", "5"}});
    const std::string name = IsOutput(state) ? "out"
                             : state < 2     ? StateName(state)
                                             : absl::StrCat(state);
    svg.Text(X(state), Y(state) + 4.5, name, "node", Anchor::kMiddle);
  }

  const CellDrawing& cell_;
  const OperationPalette& palette_;
  int states_;
  std::vector<double> half_height_;
  CellLayout layout_;
};

}  // namespace

std::string StateName(int state) {
  if (state < 2) return absl::StrCat("cell k−", 2 - state);
  return absl::StrCat("node ", state);
}

std::string OperationLine(const OperationPalette& palette, const std::string& operation) {
  static constexpr const char* kVariants[] = {"", " dashed", " dotted"};
  const OperationStyle style = palette.StyleOf(operation);
  return absl::StrCat("edge s", style.color, kVariants[style.variant]);
}

bool CanDraw(const CellDrawing& cell) {
  if (cell.nodes < 1 || cell.nodes > kMaxDrawnNodes || cell.edges.size() > kMaxDrawnEdges ||
      cell.concat.size() > kMaxDrawnNodes) {
    return false;
  }
  const int states = cell.nodes + 2;
  return std::all_of(cell.edges.begin(), cell.edges.end(),
                     [&](const GraphEdge& edge) {
                       return edge.from >= 0 && edge.to >= 2 && edge.from < edge.to &&
                              edge.to < states;
                     }) &&
         std::all_of(cell.concat.begin(), cell.concat.end(),
                     [&](int state) { return state >= 0 && state < states; });
}

double CellGraphWidth(const CellDrawing& cell) {
  return CanDraw(cell) ? Drawing(cell, OperationPalette({})).width() : 0;
}

Markup CellGraph(const CellDrawing& cell, const OperationPalette& palette) {
  return CanDraw(cell) ? Drawing(cell, palette).Draw() : Markup();
}

}  // namespace ssnas::report
