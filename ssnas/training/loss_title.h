// What people call an objective's loss, for progress lines and tables.
#ifndef SSNAS_TRAINING_LOSS_TITLE_H_
#define SSNAS_TRAINING_LOSS_TITLE_H_

#include <string>

#include "absl/strings/string_view.h"

namespace ssnas {

// "NT-Xent", "cross-entropy"; any other objective by its registered name.
inline std::string LossTitle(absl::string_view objective) {
  if (objective == "nt_xent") return "NT-Xent";
  if (objective == "cross_entropy") return "cross-entropy";
  return std::string(objective);
}

}  // namespace ssnas

#endif  // SSNAS_TRAINING_LOSS_TITLE_H_
