// Where two resolved specs differ, as field paths: what a refused resume tells its user.
#ifndef SSNAS_CORE_SPEC_DIFF_H_
#define SSNAS_CORE_SPEC_DIFF_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace ssnas {

struct FieldDifference {
  std::string
      path;  // "search.channels"; repeated fields carry their index: "space.candidate[2].name"
  std::string before;  // value as text; "not set" where it has none
  std::string after;
};

// Both texts as textproto prints them: a field a line, `name {` … `}` around messages. Comments are
// left out; an Any's fields count as its own ("objective.config.temperature"), its type as its
// value.
std::vector<FieldDifference> DiffSpecs(absl::string_view before, absl::string_view after);

}  // namespace ssnas

#endif  // SSNAS_CORE_SPEC_DIFF_H_
