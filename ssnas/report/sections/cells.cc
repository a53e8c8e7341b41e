#include "ssnas/report/sections/cells.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ssnas/report/charts/cell_graph.h"
#include "ssnas/report/charts/heat_map.h"
#include "ssnas/report/charts/palette.h"
#include "ssnas/report/charts/svg.h"
#include "ssnas/report/html.h"
#include "ssnas/report/numbers.h"

namespace ssnas::report {
namespace {

constexpr double kWidestLine = 7;
constexpr double kThinnestLine = 1;
constexpr double kPlainLine = 2.5;   // where no strength is known
constexpr double kSideBySide = 570;  // wider cells stand one below the other

// An edge of the cell with what the search thought of it.
struct RatedEdge {
  Edge edge;
  std::optional<double> strength = {};
  std::string runner_up = {};
  std::optional<double> runner_up_strength = {};
};

// The last weights of the search that the cell comes from; empty when they are not known.
std::vector<std::vector<double>> LastWeights(const RunData& run, int kind) {
  const SearchRun* search = ChosenSearch(run);
  if (search == nullptr || search->epochs.empty()) return {};
  return search->epochs.back().weights[kind];
}

RatedEdge Rate(const Edge& edge, const std::vector<std::vector<double>>& weights,
               const std::vector<std::string>& candidates) {
  RatedEdge rated{.edge = edge};
  const int row = EdgeRow(edge.to(), edge.from());
  const bool known = edge.to() >= 2 && edge.to() < 1000 && edge.from() >= 0 &&
                     edge.from() < edge.to() && row < static_cast<int>(weights.size()) &&
                     weights[row].size() == candidates.size();
  if (!known) return rated;
  for (size_t i = 0; i < candidates.size(); ++i) {
    if (candidates[i] == edge.operation().name()) {
      rated.strength = weights[row][i];
    } else if (candidates[i] != "none" && weights[row][i] > rated.runner_up_strength.value_or(-1)) {
      rated.runner_up = candidates[i];
      rated.runner_up_strength = weights[row][i];
    }
  }
  if (!rated.strength) rated.runner_up_strength.reset();
  return rated;
}

std::vector<RatedEdge> RateAll(const RunData& run, int kind) {
  const auto weights = LastWeights(run, kind);
  const std::vector<std::string> candidates = CandidateNames(run);
  std::vector<RatedEdge> rated;
  for (const Edge& edge : GenotypeOf(*run.cell, kind).edge()) {
    rated.push_back(Rate(edge, weights, candidates));
  }
  return rated;
}

std::string Hover(const RatedEdge& rated) {
  std::string text = absl::StrCat(rated.edge.operation().name(), ", ", StateName(rated.edge.from()),
                                  " → ", StateName(rated.edge.to()));
  if (rated.strength) absl::StrAppend(&text, ": ", Fixed(*rated.strength, 3));
  if (rated.runner_up_strength) {
    absl::StrAppend(&text, "\nrunner-up ", rated.runner_up, ": ",
                    Fixed(*rated.runner_up_strength, 3));
  }
  return text;
}

CellDrawing MakeDrawing(const RunData& run, int kind, const std::vector<RatedEdge>& edges,
                        double strongest) {
  CellDrawing drawing;
  std::vector<std::string> words;
  for (const RatedEdge& rated : edges) {
    const double width = rated.strength && strongest > 0
                             ? std::max(kThinnestLine, kWidestLine * *rated.strength / strongest)
                             : kPlainLine;
    drawing.nodes = std::max(drawing.nodes, std::clamp(rated.edge.to() - 1, 0, kMaxDrawnNodes + 1));
    drawing.edges.push_back({.from = rated.edge.from(),
                             .to = rated.edge.to(),
                             .operation = rated.edge.operation().name(),
                             .width = width,
                             .hover = Hover(rated)});
    words.push_back(absl::StrCat(StateName(rated.edge.to()), " from ", StateName(rated.edge.from()),
                                 " by ", rated.edge.operation().name()));
  }
  const auto& concat = GenotypeOf(*run.cell, kind).concat();
  drawing.concat.assign(concat.begin(), concat.end());
  for (int node = 0; drawing.concat.empty() && node < drawing.nodes; ++node) {
    // An empty list means every node.
    if (node + 1 == drawing.nodes) {
      for (int state = 2; state < drawing.nodes + 2; ++state) drawing.concat.push_back(state);
    }
  }
  drawing.label =
      absl::StrCat("Graph of the ", kCellNames[kind], " cell: ", absl::StrJoin(words, "; "));
  return drawing;
}

void AddLegend(Markup& markup, const OperationPalette& palette) {
  markup.Open("ul", {{"class", "swatches"}});
  for (const std::string& operation : palette.operations()) {
    Svg sample(34, 10, operation);
    PathData line;
    line.Move(0, 5).Line(34, 5);
    sample.Path(line, OperationLine(palette, operation), {{"stroke-width", "4"}});
    markup.Open("li").Append(sample.Finish()).Leaf("span", {}, Shorten(operation, 40)).Close();
  }
  markup.Close();
}

std::vector<std::vector<std::string>> EdgeRows(int kind, const std::vector<RatedEdge>& edges) {
  std::vector<std::vector<std::string>> rows = {{absl::StrCat(kCellNames[kind], " cell")}};
  for (const RatedEdge& rated : edges) {
    const auto number = [](std::optional<double> v) { return v ? Fixed(*v, 3) : std::string(); };
    const bool both = rated.strength && rated.runner_up_strength;
    const std::string lead = both ? Fixed(*rated.strength - *rated.runner_up_strength, 3) : "";
    rows.push_back({StateName(rated.edge.to()), StateName(rated.edge.from()),
                    Shorten(rated.edge.operation().name(), 60), number(rated.strength),
                    Shorten(rated.runner_up, 60), number(rated.runner_up_strength), lead});
  }
  return rows;
}

// The operations that are drawn, in the order of the search space.
OperationPalette DrawnOperations(const RunData& run, const OperationPalette& all) {
  OperationPalette drawn = all;
  std::vector<std::string> used;
  for (const int kind : {kNormal, kReduction}) {
    for (const Edge& edge : GenotypeOf(*run.cell, kind).edge()) {
      drawn.Add(edge.operation().name());
      used.push_back(edge.operation().name());
    }
  }
  drawn.KeepOnly(used);
  return drawn;
}

std::string Caption(double strongest, double weakest) {
  if (strongest <= 0) {
    return "All lines are equally wide: the strengths of the edges are not in this run folder.";
  }
  const std::string low = Fixed(weakest, 2), high = Fixed(strongest, 2);
  return absl::StrCat(
      "A line is as wide as its edge is strong: softmax(α) of the chosen operation at the end "
      "of the search, ",
      low == high ? absl::StrCat(low, " for all") : absl::StrCat("from ", low, " to ", high),
      ". Pointing at a line shows the runner-up. Grey lines go to the concatenated output.");
}

}  // namespace

Markup CellsSection(const RunData& run) {
  Markup markup;
  OpenSection(markup, "cell", "The cell");
  if (!run.cell) {
    AddMissing(markup,
               run.cell_text.empty()
                   ? "No cell yet: architecture.textproto is written when the searches are done."
                   : "architecture.textproto cannot be read; see the top of the page.");
    markup.Close();
    return markup;
  }
  const OperationPalette palette = DrawnOperations(run, OperationPalette(CandidateNames(run)));
  double strongest = 0;
  double weakest = 1;
  std::vector<std::vector<RatedEdge>> cells;
  for (const int kind : {kNormal, kReduction}) {
    cells.push_back(RateAll(run, kind));
    for (const RatedEdge& edge : cells.back()) {
      strongest = std::max(strongest, edge.strength.value_or(0));
      weakest = std::min(weakest, edge.strength.value_or(1));
    }
  }
  AddLegend(markup, palette);
  std::vector<CellDrawing> drawings;
  bool wide = false;
  for (const int kind : {kNormal, kReduction}) {
    drawings.push_back(MakeDrawing(run, kind, cells[kind], strongest));
    wide = wide || CellGraphWidth(drawings.back()) > kSideBySide;
  }
  markup.Open("div", {{"class", "figures natural"}});
  std::vector<std::vector<std::string>> rows;
  for (const int kind : {kNormal, kReduction}) {
    const auto more = EdgeRows(kind, cells[kind]);
    rows.insert(rows.end(), more.begin(), more.end());
    const std::string heading = kind == kNormal ? "Normal cell" : "Reduction cell";
    if (CanDraw(drawings[kind])) {
      AddFigure(markup, heading, CellGraph(drawings[kind], palette), "",
                wide ? FigureSize::kWide : FigureSize::kDense);
    } else {
      AddMissing(markup, absl::StrCat(heading,
                                      ": too large to be drawn, or without edges. See the table."));
    }
  }
  markup.Close();
  markup.Leaf("p", {{"class", "caption"}}, Caption(strongest, weakest));
  markup.Open("details").Leaf("summary", {}, "Every edge and its runner-up");
  AddTable(markup,
           "The runner-up is the strongest other operation of the same edge, none left out.",
           {{"node"},
            {"reads"},
            {"operation"},
            {"strength", true},
            {"runner-up"},
            {"its strength", true},
            {"lead", true}},
           rows);
  markup.Close().Close();
  return markup;
}

}  // namespace ssnas::report
