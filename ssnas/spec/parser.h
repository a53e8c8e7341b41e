// Text of a spec, or the value of a --set, → tree.
#ifndef SSNAS_SPEC_PARSER_H_
#define SSNAS_SPEC_PARSER_H_

#include <vector>

#include "absl/status/statusor.h"
#include "ssnas/spec/tree.h"

namespace ssnas {

// Messages in messages; far more than any spec has, far less than the stack holds.
inline constexpr int kMaxNesting = 40;
// Far more than any spec; read at once, and its tree is some forty times as large.
inline constexpr size_t kMaxSpecBytes = size_t{1} << 20;

// The whole of `source`, which must outlive the tree. Errors: size, bytes, syntax, nesting.
absl::StatusOr<std::vector<Field>> ParseTree(const Source& source);

// The text of `source` from `offset` on as the value of `field`: one field, or one an element of a
// list.
absl::StatusOr<std::vector<Field>> ParseValue(const Source& source, size_t offset,
                                              const Field& field);

}  // namespace ssnas

#endif  // SSNAS_SPEC_PARSER_H_
