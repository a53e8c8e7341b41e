#include "ssnas/datasets/stl10/fold_indices.h"

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace ssnas {
namespace {

constexpr size_t kFolds = 10;

}  // namespace

absl::StatusOr<std::vector<int64_t>> ParseFold(absl::string_view text, int fold, int64_t count,
                                               int64_t images) {
  const std::vector<absl::string_view> lines =
      absl::StrSplit(absl::StripTrailingAsciiWhitespace(text), '\n');
  if (lines.size() != kFolds) {
    return absl::DataLossError(absl::StrCat("has ", lines.size(), " lines; expected ", kFolds));
  }
  const std::vector<absl::string_view> words =
      absl::StrSplit(lines[fold], absl::ByAnyChar(" \r"), absl::SkipEmpty());
  const std::string line = absl::StrCat("line ", fold + 1);
  if (static_cast<int64_t>(words.size()) != count) {
    return absl::DataLossError(
        absl::StrCat(line, " has ", words.size(), " indices; expected ", count));
  }
  std::vector<int64_t> indices;
  for (const absl::string_view word : words) {
    int64_t index = 0;
    if (!absl::SimpleAtoi(word, &index) || index < 0 || index >= images) {
      return absl::DataLossError(absl::StrCat(line, ", entry ", indices.size() + 1,
                                              " is no index from 0 to ", images - 1));
    }
    indices.push_back(index);
  }
  return indices;
}

}  // namespace ssnas
