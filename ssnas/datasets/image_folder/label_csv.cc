#include "ssnas/datasets/image_folder/label_csv.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/core/utf8.h"

namespace ssnas {
namespace {

absl::Status AtLine(int64_t line, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("line ", line, ": ", what));
}

// Takes one field, and what ends it, off `text`; sets `end_of_line`. Quoted fields may not hold a
// line break: no path of a label has one, and a quote left open must not swallow the file.
absl::StatusOr<std::string> TakeField(absl::string_view& text, int64_t line, bool* end_of_line) {
  std::string field;
  if (absl::ConsumePrefix(&text, "\"")) {
    while (!absl::ConsumePrefix(&text, "\"") || absl::StartsWith(text, "\"")) {
      if (text.empty() || text[0] == '\n') return AtLine(line, "a quote is not closed");
      field.push_back(text[0]);
      text.remove_prefix(1);
    }
  } else {
    const size_t length = std::min(text.find_first_of(",\n"), text.size());
    field = std::string(absl::StripTrailingAsciiWhitespace(text.substr(0, length)));
    text.remove_prefix(length);
  }
  absl::ConsumePrefix(&text, "\r");
  *end_of_line = !absl::ConsumePrefix(&text, ",");
  if (*end_of_line && !text.empty() && !absl::ConsumePrefix(&text, "\n")) {
    return AtLine(line, "after a quoted field there must be a comma or the end of the line");
  }
  return field;
}

bool IsHeader(const std::vector<std::string>& fields) {
  return absl::EqualsIgnoreCase(fields[0], "path") && absl::EqualsIgnoreCase(fields[1], "label");
}

}  // namespace

absl::StatusOr<LabelTable> ParseLabelCsv(absl::string_view text) {
  LabelTable table;
  absl::ConsumePrefix(&text, kByteOrderMark);
  for (int64_t line = 1; !text.empty(); ++line) {
    std::vector<std::string> fields;
    for (bool end_of_line = false; !end_of_line;) {
      SSNAS_ASSIGN_OR_RETURN(fields.emplace_back(), TakeField(text, line, &end_of_line));
    }
    if (fields.size() == 1 && fields[0].empty()) continue;
    if (fields.size() != 2) {
      return AtLine(line, absl::StrCat("expected path,label; got ", fields.size(),
                                       " fields (a comma in a path needs quotes around it)"));
    }
    if (line == 1 && IsHeader(fields)) continue;
    absl::string_view path = fields[0];
    while (absl::ConsumePrefix(&path, "./")) continue;
    if (path.empty() || fields[1].empty()) {
      return AtLine(line, path.empty() ? "the path is empty" : "the label is empty");
    }
    const auto [place, is_new] = table.label.emplace(path, fields[1]);
    if (!is_new && place->second != fields[1]) {
      return AtLine(line, absl::StrCat("'", path, "' is '", fields[1], "' here and '",
                                       place->second, "' before"));
    }
  }
  return table;
}

std::vector<std::string> ClassNames(const std::vector<std::string>& labels) {
  const std::set<std::string> distinct(labels.begin(), labels.end());
  std::vector<std::string> names(distinct.begin(), distinct.end());
  const auto number = [](const std::string& name) {
    int64_t value = 0;
    return absl::SimpleAtoi(name, &value) ? std::make_pair(true, value)
                                          : std::make_pair(false, int64_t{0});
  };
  const bool numbers = std::all_of(names.begin(), names.end(),
                                   [&](const std::string& name) { return number(name).first; });
  if (numbers) {
    std::stable_sort(names.begin(), names.end(), [&](const std::string& a, const std::string& b) {
      return number(a).second < number(b).second;
    });
  }
  return names;
}

}  // namespace ssnas
