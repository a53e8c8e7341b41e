// Genotypes as text: our textproto, and the `Genotype(normal=[...], ...)` line of quark0/darts
// (darts_text.h).
//
// A genotype file is untrusted: whatever its bytes, it gives a cell that can be built or an error.
#ifndef SSNAS_NETWORKS_GENOTYPE_H_
#define SSNAS_NETWORKS_GENOTYPE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ssnas/proto/architecture.pb.h"

namespace ssnas {

// Either format. Errors name `origin`, line and column and show the place, as of
// specs (spec/source.h). The operations are registered and
// take the configs given, and both cells pass CheckCell.
absl::StatusOr<Architecture> ParseArchitecture(absl::string_view text, const std::string& origin);

// textproto: the same bytes for the same cell. Edges in the order of nodes (those of one node as
// they are, since their order is part of how the network is built); an output that is left out is
// written out.
std::string PrintArchitecture(const Architecture& architecture);

// `Genotype(normal=[('sep_conv_3x3', 1), …], normal_concat=range(2, 6), …)`. InvalidArgument for
// cells that format cannot hold (nodes with other than two edges, operations with a config).
absl::StatusOr<std::string> PrintDartsGenotype(const Architecture& architecture);

// Nodes of a cell (inputs not counted), at most 64 with 1,024 edges; InvalidArgument for edges that
// run backwards, nodes without edges, no edges, more than 26 edges between two states, an output of
// states that are not nodes.
absl::StatusOr<int> CheckCell(const CellGenotype& cell);

// The cell in lines of text: "  2 ← sep_conv_3x3(0) + sep_conv_3x3(1)".
std::string DrawCell(const CellGenotype& cell, absl::string_view title);

}  // namespace ssnas

#endif  // SSNAS_NETWORKS_GENOTYPE_H_
