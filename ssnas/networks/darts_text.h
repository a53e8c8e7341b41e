// The `Genotype(normal=[('sep_conv_3x3', 1), …], normal_concat=range(2, 6), reduce=…)` text of quark0/darts.
#ifndef SSNAS_NETWORKS_DARTS_TEXT_H_
#define SSNAS_NETWORKS_DARTS_TEXT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ssnas/proto/architecture.pb.h"

namespace ssnas {

// It starts with `Genotype(`, perhaps behind `NAME =`.
bool LooksLikeDartsText(absl::string_view text);

// Two edges a node, in order, as that format has it. Errors carry `origin`:line:column. Nothing is evaluated.
absl::StatusOr<Architecture> ParseDartsText(absl::string_view text, const std::string& origin);

}  // namespace ssnas

#endif  // SSNAS_NETWORKS_DARTS_TEXT_H_
