// The `Genotype(normal=[('sep_conv_3x3', 1), …], normal_concat=range(2, 6), reduce=…)` text of
// quark0/darts.
//
// Also as PC-DARTS, P-DARTS and logs print it: behind `NAME =`, with `[2, 3, 4, 5]` for the range,
// over any number of lines, with comments. Parsed by a small parser; nothing is evaluated.
#ifndef SSNAS_NETWORKS_DARTS_TEXT_H_
#define SSNAS_NETWORKS_DARTS_TEXT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ssnas/proto/architecture.pb.h"

namespace ssnas {

// Where the name of each edge's operation stands in the text, for errors found after parsing.
struct EdgeOffsets {
  std::vector<size_t> normal, reduction;
};

// `Genotype(` is in it, and no brace, which every textproto has.
bool LooksLikeDartsText(absl::string_view text);

// Two edges a node, in order, as that format has it; whether the operations exist is not asked.
// InvalidArgument shows the place as spec/source.h says. `offsets` may be null.
absl::StatusOr<Architecture> ParseDartsText(absl::string_view text, const std::string& origin,
                                            EdgeOffsets* offsets = nullptr);

}  // namespace ssnas

#endif  // SSNAS_NETWORKS_DARTS_TEXT_H_
