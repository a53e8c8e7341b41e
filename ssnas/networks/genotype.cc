// Checks and drawings of genotypes; parse_genotype.cc reads them, print_genotype.cc writes them.
#include "ssnas/networks/genotype.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace ssnas {
namespace {

constexpr int kMaxNodes = 64;
constexpr int kMaxEdges = 1024;
constexpr int kMaxRepeats = 26;  // names of parameters tell repeats apart by a letter

absl::Status CheckEdge(const Edge& edge) {
  if (!edge.has_from() || !edge.has_to()) {
    return absl::InvalidArgumentError("an edge needs both from and to");
  }
  if (edge.to() < 2 || edge.to() > kMaxNodes + 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("an edge to state ", edge.to(), "; nodes are 2 to ", kMaxNodes + 1));
  }
  if (edge.from() < 0 || edge.from() >= edge.to()) {
    return absl::InvalidArgumentError(absl::StrCat("an edge from state ", edge.from(), " to ",
                                                   edge.to(),
                                                   "; it must come from an earlier state"));
  }
  return absl::OkStatus();
}

absl::Status CheckConcat(const CellGenotype& cell, int last) {
  if (cell.concat_size() > kMaxNodes) {
    return absl::InvalidArgumentError(
        absl::StrCat("its output holds ", cell.concat_size(), " states; at most ", kMaxNodes));
  }
  for (const int state : cell.concat()) {
    if (state < 2 || state > last) {
      return absl::InvalidArgumentError(
          absl::StrCat("its output holds state ", state, "; its nodes are 2 to ", last));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<int> CheckCell(const CellGenotype& cell) {
  if (cell.edge_size() > kMaxEdges) {
    return absl::InvalidArgumentError(
        absl::StrCat("it has ", cell.edge_size(), " edges; at most ", kMaxEdges));
  }
  int last = 1;
  std::map<int, int> incoming;
  std::map<std::pair<int, int>, int> repeats;
  for (const Edge& edge : cell.edge()) {
    if (absl::Status status = CheckEdge(edge); !status.ok()) return status;
    last = std::max(last, edge.to());
    ++incoming[edge.to()];
    if (++repeats[{edge.from(), edge.to()}] > kMaxRepeats) {
      return absl::InvalidArgumentError(absl::StrCat(
          "more than ", kMaxRepeats, " edges from state ", edge.from(), " to ", edge.to()));
    }
  }
  if (last == 1) return absl::InvalidArgumentError("it has no edges");
  for (int node = 2; node <= last; ++node) {
    if (incoming[node] == 0) {
      return absl::InvalidArgumentError(absl::StrCat("node ", node, " has no incoming edge"));
    }
  }
  if (absl::Status status = CheckConcat(cell, last); !status.ok()) return status;
  return last - 1;
}

std::string DrawCell(const CellGenotype& cell, absl::string_view title) {
  const int nodes = CheckCell(cell).value_or(0);
  std::vector<int> concat(cell.concat().begin(), cell.concat().end());
  for (int node = 2; cell.concat().empty() && node < nodes + 2; ++node) concat.push_back(node);
  std::string drawing = absl::StrCat(
      title, "   nodes: 0 = cell k−2, 1 = cell k−1, out = ", absl::StrJoin(concat, "‖"), "\n");
  for (int node = 2; node < nodes + 2; ++node) {
    std::vector<std::string> terms;
    for (const Edge& edge : cell.edge()) {
      if (edge.to() != node) continue;
      terms.push_back(absl::StrCat(edge.operation().name(), "(", edge.from(), ")"));
    }
    absl::StrAppend(&drawing, "  ", node, " ← ", absl::StrJoin(terms, " + "), "\n");
  }
  return drawing;
}

}  // namespace ssnas
