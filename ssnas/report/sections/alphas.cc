#include "ssnas/report/sections/alphas.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ssnas/report/charts/heat_map.h"
#include "ssnas/report/charts/palette.h"
#include "ssnas/report/charts/timeline.h"
#include "ssnas/report/html.h"

namespace ssnas::report {
namespace {

int NodesOf(const SearchEpoch& epoch, int kind) {
  const int edges = static_cast<int>(epoch.weights[kind].size());
  int nodes = 1;
  while (EdgeRow(nodes + 2, 0) < edges && nodes <= kMaxHeatNodes) ++nodes;
  return EdgeRow(nodes + 2, 0) == edges ? nodes : 0;
}

// The operation that each edge has in a cell, "" where it has none; of two, the first.
std::vector<std::string> OperationsByEdge(const Architecture& cell, int kind, int nodes) {
  std::vector<std::string> operations(EdgeRow(nodes + 2, 0));
  for (const Edge& edge : GenotypeOf(cell, kind).edge()) {
    if (edge.to() < 2 || edge.to() >= nodes + 2 || edge.from() < 0 || edge.from() >= edge.to())
      continue;
    std::string& operation = operations[EdgeRow(edge.to(), edge.from())];
    if (operation.empty()) operation = edge.operation().name();
  }
  return operations;
}

// Since which epoch (from 1) the derived cell has been what it is at the end.
int SettledSince(const std::vector<int>& epochs,
                 const std::vector<std::vector<std::string>>& cells) {
  size_t since = cells.size() - 1;
  while (since > 0 && cells[since - 1] == cells.back()) --since;
  return epochs[since];
}

std::string EdgeTitle(int to, int from) {
  return absl::StrCat(from < 2 ? absl::StrCat("k−", 2 - from) : absl::StrCat(from), " → ", to);
}

}  // namespace

void AddHeatMap(Markup& markup, const RunData& run, const SearchRun& search, int kind) {
  HeatMapOptions options{.label = absl::StrCat("Heat map of softmax(α) of the ", kCellNames[kind],
                                               " cell: edges by operations over epochs"),
                         .operations = CandidateNames(run)};
  const std::vector<std::string>* chosen = nullptr;
  std::vector<std::string> last;
  for (const SearchEpoch& epoch : search.epochs) {
    if (epoch.weights[kind].empty()) continue;
    options.nodes = NodesOf(epoch, kind);
    options.epochs.push_back(epoch.epoch);
    options.weights.push_back(epoch.weights[kind]);
    if (epoch.cell && options.nodes > 0) {
      last = OperationsByEdge(*epoch.cell, kind, options.nodes);
      chosen = &last;
    }
  }
  if (options.nodes == 0 || options.nodes > kMaxHeatNodes) return;
  options.chosen.assign(EdgeRow(options.nodes + 2, 0), -1);
  for (size_t edge = 0; chosen != nullptr && edge < std::min(chosen->size(), options.chosen.size());
       ++edge) {
    const auto found =
        std::find(options.operations.begin(), options.operations.end(), (*chosen)[edge]);
    if (found != options.operations.end()) {
      options.chosen[edge] = static_cast<int>(found - options.operations.begin());
    }
  }
  AddFigure(markup, absl::StrCat("softmax(α), ", kCellNames[kind], " cell"), AlphaHeatMap(options),
            "One panel an edge, in it a row an operation, time to the right. Framed: edges of the "
            "derived "
            "cell, with their operation marked.",
            FigureSize::kDense);
}

void AddTimeline(Markup& markup, const RunData& run, const SearchRun& search, int kind) {
  TimelineOptions options;
  std::vector<std::vector<std::string>> cells;
  int nodes = 0;
  for (const SearchEpoch& epoch : search.epochs) {
    if (!epoch.cell) continue;
    if (nodes == 0) {
      for (const Edge& edge : GenotypeOf(*epoch.cell, kind).edge()) {
        nodes = std::max(nodes, std::min(edge.to() - 1, 16));
      }
    }
    options.epochs.push_back(epoch.epoch + 1);
    cells.push_back(OperationsByEdge(*epoch.cell, kind, nodes));
  }
  if (nodes == 0) return;
  for (int to = 2; to < nodes + 2; ++to) {
    for (int from = 0; from < to; ++from) {
      TimelineRow row{.name = EdgeTitle(to, from)};
      bool ever = false;
      for (const auto& cell : cells) {
        row.operations.push_back(cell[EdgeRow(to, from)]);
        ever = ever || !row.operations.back().empty();
      }
      if (ever) options.rows.push_back(row);
    }
  }
  const int since = SettledSince(options.epochs, cells);
  const int last = options.epochs.back();
  options.label =
      absl::StrCat("Edges of the ", kCellNames[kind],
                   " cell derived at each epoch; the same since epoch ", since, " of ", last);
  const std::string settled =
      since == last && last > options.epochs.front()
          ? absl::StrCat("It still changed in the last epoch (", last, "): it has not settled.")
          : absl::StrCat("It has been the same since epoch ", since, " of ", last, ".");
  AddFigure(markup, absl::StrCat("When it settled, ", kCellNames[kind], " cell"),
            Timeline(options, OperationPalette(CandidateNames(run))),
            absl::StrCat(
                settled,
                " A bar: the edge was in the cell derived then; colours as in the cell, thin bars "
                "for what is dashed there. Edges that never were are left out."));
}

}  // namespace ssnas::report
