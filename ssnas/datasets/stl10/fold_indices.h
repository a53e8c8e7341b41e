// fold_indices.txt of STL-10: ten lines, each the indices of one fold's training images.
//
// Example:
//   SSNAS_ASSIGN_OR_RETURN(const std::vector<int64_t> fold, ParseFold(text, 3, 1000, 5000));
#ifndef SSNAS_DATASETS_STL10_FOLD_INDICES_H_
#define SSNAS_DATASETS_STL10_FOLD_INDICES_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ssnas {

// The `count` indices, 0 … images − 1, of line `fold`, 0 … 9, in their order. DataLoss says what is
// wrong with which line: "has 9 lines; expected 10".
absl::StatusOr<std::vector<int64_t>> ParseFold(absl::string_view text, int fold, int64_t count,
                                               int64_t images);

}  // namespace ssnas

#endif  // SSNAS_DATASETS_STL10_FOLD_INDICES_H_
