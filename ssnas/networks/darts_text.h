// The `Genotype(normal=[('sep_conv_3x3', 1), …], normal_concat=range(2, 6), reduce=…)` text of
// quark0/darts.
//
// Also as PC-DARTS, P-DARTS and logs print it: behind `NAME =`, with `[2, 3, 4, 5]` for the range,
// over any number of lines, with comments. Parsed by a small parser; nothing is evaluated.
#ifndef SSNAS_NETWORKS_DARTS_TEXT_H_
#define SSNAS_NETWORKS_DARTS_TEXT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ssnas/proto/architecture.pb.h"

namespace ssnas {

// Line and column from 1, for errors that are found after parsing.
struct TextPlace {
  int line = 1;
  int column = 1;
};

// Where each edge's operation stands.
struct EdgePlaces {
  std::vector<TextPlace> normal, reduction;
};

// `Genotype(` is in it, and no brace, which every textproto has.
bool LooksLikeDartsText(absl::string_view text);

// Two edges a node, in order, as that format has it; whether the operations exist is not asked.
// InvalidArgument carries `origin`:line:column. `places` may be null.
absl::StatusOr<Architecture> ParseDartsText(absl::string_view text, const std::string& origin,
                                            EdgePlaces* places = nullptr);

}  // namespace ssnas

#endif  // SSNAS_NETWORKS_DARTS_TEXT_H_
