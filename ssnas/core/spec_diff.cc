#include "ssnas/core/spec_diff.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace ssnas {
namespace {

using Leaves = std::vector<std::pair<std::string, std::string>>;  // path → value, in order

// Reads a printed textproto line by line, keeping where it is.
class Flattener {
 public:
  void Take(absl::string_view line) {
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line[0] == '#') return;
    if (line == "}") {
      Close();
    } else if (absl::ConsumeSuffix(&line, "{")) {
      Open(std::string(absl::StripTrailingAsciiWhitespace(line)));
    } else {
      const std::pair<std::string, std::string> parts =
          absl::StrSplit(line, absl::MaxSplits(": ", 1));
      path_.push_back(Numbered(parts.first));
      leaves.emplace_back(Path(), parts.second);
      path_.pop_back();
    }
  }

  Leaves leaves;

 private:
  void Open(const std::string& name) {
    if (absl::StartsWith(name,
                         "[")) {  // [type.googleapis.com/ssnas.NtXentConfig]: the inside of an Any
      leaves.emplace_back(absl::StrCat(Path(), " (type)"), name);
      path_.push_back("");
    } else {
      path_.push_back(Numbered(name));
      leaves.emplace_back(Path(), "{…}");
    }
    seen_.emplace_back();
  }

  void Close() {
    if (path_.empty()) return;
    path_.pop_back();
    seen_.pop_back();
  }

  // A name's later appearances in one message get [1], [2], …
  std::string Numbered(const std::string& name) {
    const int index = seen_.back()[name]++;
    return index == 0 ? name : absl::StrCat(name, "[", index, "]");
  }

  std::string Path() const {
    std::string text;
    for (const std::string& name : path_) {
      if (!name.empty()) absl::StrAppend(&text, text.empty() ? "" : ".", name);
    }
    return text;
  }

  std::vector<std::string> path_;
  std::vector<std::map<std::string, int>> seen_ = std::vector<std::map<std::string, int>>(1);
};

Leaves Flatten(absl::string_view text) {
  Flattener flattener;
  for (absl::string_view line : absl::StrSplit(text, '\n')) flattener.Take(line);
  return std::move(flattener.leaves);
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
