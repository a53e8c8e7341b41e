// Genotypes written in both formats.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/text_format.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/networks/genotype.h"

namespace ssnas {
namespace {

constexpr int kDartsEdgesPerNode = 2;

// Edges by node, those of one node as they were; the output written out.
void Normalise(CellGenotype* cell) {
  std::stable_sort(cell->mutable_edge()->begin(), cell->mutable_edge()->end(),
                   [](const Edge& a, const Edge& b) { return a.to() < b.to(); });
  if (!cell->concat().empty()) return;
  const int nodes = CheckCell(*cell).value_or(0);
  for (int node = 0; node < nodes; ++node) cell->add_concat(node + 2);
}

bool IsPlainName(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(),
                                      [](char c) { return absl::ascii_isalnum(c) || c == '_'; });
}

// A cell as DARTS' format can hold it: two edges a node, no configs.
absl::StatusOr<CellGenotype> DartsCell(CellGenotype cell) {
  SSNAS_RETURN_IF_ERROR(CheckCell(cell).status());
  Normalise(&cell);
  for (int i = 0; i < cell.edge_size(); ++i) {
    const Edge& edge = cell.edge(i);
    if (edge.to() != 2 + i / kDartsEdgesPerNode || cell.edge_size() % kDartsEdgesPerNode != 0) {
      return absl::InvalidArgumentError("a DARTS genotype has exactly two edges a node");
    }
    if (edge.operation().has_config()) {
      return absl::InvalidArgumentError(absl::StrCat("a DARTS genotype cannot hold the config of '",
                                                     edge.operation().name(), "'"));
    }
    if (!IsPlainName(edge.operation().name())) {
      return absl::InvalidArgumentError("an operation's name is not letters, digits and _");
    }
  }
  return cell;
}

std::string EdgesText(const CellGenotype& cell) {
  return absl::StrJoin(cell.edge(), ", ", [](std::string* out, const Edge& edge) {
    absl::StrAppend(out, "('", edge.operation().name(), "', ", edge.from(), ")");
  });
}

std::string ConcatText(const CellGenotype& cell) {
  const auto& states = cell.concat();
  bool range = true;
  for (int i = 1; i < states.size(); ++i) range &= states[i] == states[i - 1] + 1;
  if (!range) return absl::StrCat("[", absl::StrJoin(states, ", "), "]");
  return absl::StrCat("range(", states[0], ", ", states[states.size() - 1] + 1, ")");
}

}  // namespace

std::string PrintArchitecture(const Architecture& architecture) {
  Architecture normalised = architecture;
  Normalise(normalised.mutable_normal());
  Normalise(normalised.mutable_reduction());
  std::string text;
  google::protobuf::TextFormat::Printer printer;
  printer.SetExpandAny(true);
  printer.PrintToString(normalised, &text);
  return absl::StrCat(
      "# proto-file: ssnas/proto/architecture.proto\n# proto-message: ssnas.Architecture\n", text);
}

absl::StatusOr<std::string> PrintDartsGenotype(const Architecture& architecture) {
  SSNAS_ASSIGN_OR_RETURN(const CellGenotype normal, DartsCell(architecture.normal()));
  SSNAS_ASSIGN_OR_RETURN(const CellGenotype reduction, DartsCell(architecture.reduction()));
  return absl::StrCat("Genotype(normal=[", EdgesText(normal),
                      "], normal_concat=", ConcatText(normal), ", reduce=[", EdgesText(reduction),
                      "], reduce_concat=", ConcatText(reduction), ")");
}

}  // namespace ssnas
