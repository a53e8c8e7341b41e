// Genotypes as text: our textproto, and the `Genotype(normal=[...], ...)` line of quark0/darts.
//
// The Python-looking text is parsed by a small parser of our own; nothing is evaluated.
#ifndef SSNAS_NETWORKS_GENOTYPE_H_
#define SSNAS_NETWORKS_GENOTYPE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ssnas/proto/architecture.pb.h"

namespace ssnas {

// Either format, told apart by its first word. `origin` is named in errors (file:line:column).
absl::StatusOr<Architecture> ParseArchitecture(absl::string_view text, const std::string& origin);

// textproto, the same bytes for the same cell, in the order of nodes.
std::string PrintArchitecture(const Architecture& architecture);

// `Genotype(normal=[('sep_conv_3x3', 1), …], normal_concat=range(2, 6), …)`. InvalidArgument for cells that
// format cannot hold (nodes with other than two edges, operations with a config).
absl::StatusOr<std::string> PrintDartsGenotype(const Architecture& architecture);

// Nodes of a cell (inputs not counted); InvalidArgument for edges that run backwards, gaps, no edges.
absl::StatusOr<int> CheckCell(const CellGenotype& cell);

// The cell in lines of text: "  2 ← sep_conv_3x3(0) + sep_conv_3x3(1)".
std::string DrawCell(const CellGenotype& cell, absl::string_view title);

}  // namespace ssnas

#endif  // SSNAS_NETWORKS_GENOTYPE_H_
