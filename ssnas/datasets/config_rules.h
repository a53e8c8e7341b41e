// Checks a plugin's config against the ranges in its own proto, for configs that did not come through the
// spec loader: the (ssnas.rule) of each field stays the only place where a range is written.
//
// Example:
//   SSNAS_RETURN_IF_ERROR(CheckRules("flip", config));  // "flip: probability 2; give 0 to 1"
#ifndef SSNAS_DATASETS_CONFIG_RULES_H_
#define SSNAS_DATASETS_CONFIG_RULES_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace ssnas {

// InvalidArgument for the first number (of repeated fields: element) outside its range, or not finite.
absl::Status CheckRules(absl::string_view plugin, const google::protobuf::Message& config);

}  // namespace ssnas

#endif  // SSNAS_DATASETS_CONFIG_RULES_H_
