#include "ssnas/core/spec_diff.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace ssnas {
namespace {

using Leaves = std::vector<std::pair<std::string, std::string>>;  // path → value, in order

// Paths and values of a printed textproto. A name's later appearances in one message get [1], [2], …
Leaves Flatten(absl::string_view text) {
  Leaves leaves;
  std::vector<std::string> path;
  std::vector<std::map<std::string, int>> seen(1);
  const auto numbered = [&](std::string name) {
    const int index = seen.back()[name]++;
    return index == 0 ? name : absl::StrCat(name, "[", index, "]");
  };
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line[0] == '#') continue;
    if (line == "}") {
      if (!path.empty()) {
        path.pop_back();
        seen.pop_back();
      }
    } else if (absl::EndsWith(line, "{")) {
      line.remove_suffix(1);
      path.push_back(numbered(std::string(absl::StripAsciiWhitespace(line))));
      seen.emplace_back();
    } else {
      const std::pair<absl::string_view, absl::string_view> parts =
          absl::StrSplit(line, absl::MaxSplits(": ", 1));
      path.push_back(numbered(std::string(parts.first)));
      leaves.emplace_back(absl::StrJoin(path, "."), std::string(parts.second));
      path.pop_back();
    }
  }
  return leaves;
}

}  // namespace

std::vector<FieldDifference> DiffSpecs(absl::string_view before, absl::string_view after) {
  const Leaves old_leaves = Flatten(before), new_leaves = Flatten(after);
  const std::map<std::string, std::string> old_values(old_leaves.begin(), old_leaves.end());
  const std::map<std::string, std::string> new_values(new_leaves.begin(), new_leaves.end());
  std::vector<FieldDifference> differences;
  for (const auto& [path, value] : old_leaves) {
    const auto it = new_values.find(path);
    const std::string now = it == new_values.end() ? "not set" : it->second;
    if (now != value) differences.push_back({path, value, now});
  }
  for (const auto& [path, value] : new_leaves) {
    if (old_values.count(path) == 0) differences.push_back({path, "not set", value});
  }
  return differences;
}

}  // namespace ssnas
