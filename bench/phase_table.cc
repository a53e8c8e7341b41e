#include "bench/phase_table.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace ssnas {
namespace {

using Json = nlohmann::ordered_json;

struct Row {
  std::string title;
  std::vector<std::string> cells;
};

struct Phase {
  const char* key;
  const char* title;
};
constexpr Phase kPhases[] = {
    {"stem_forward", "stem forward"},     {"cells_forward", "cells forward"},
    {"objective", "objective"},           {"backward", "backward"},
    {"cells_backward", "cells backward"}, {"stem_backward", "stem backward"},
    {"optimizer", "optimiser"},           {"between_blocks", "between blocks"},
};
constexpr char kNothing[] = "·";

std::string Milliseconds(const Json& seconds) {
  return absl::StrFormat("%.1f", 1e3 * seconds.get<double>());
}

// What `value` makes of each program that ran.
template <typename Value>
Row MakeRow(const std::string& title, const std::vector<Json>& programs, Value value) {
  Row row{.title = title};
  for (const Json& program : programs) {
    row.cells.push_back(program.contains("skipped") ? kNothing : value(program));
  }
  return row;
}

void AddPhases(const std::string& half, const std::vector<Json>& programs, std::vector<Row>* rows) {
  for (const Phase& phase : kPhases) {
    Row row = MakeRow(absl::StrCat(half, "  ", phase.title), programs, [&](const Json& program) {
      const Json& phases = program["phases"].at(half);
      return phases.contains(phase.key) ? Milliseconds(phases[phase.key]) : std::string(kNothing);
    });
    const bool empty = std::all_of(row.cells.begin(), row.cells.end(),
                                   [](const std::string& cell) { return cell == kNothing; });
    if (!empty) rows->push_back(std::move(row));
  }
}

// Columns on a terminal, for texts whose only wide character is the dot.
size_t Width(const std::string& text) { return text == kNothing ? 1 : text.size(); }

std::string Padded(const std::string& text, size_t width) {
  return std::string(width - std::min(width, Width(text)), ' ') + text;
}

}  // namespace

std::string PhaseTable(const std::vector<Json>& programs) {
  std::vector<Row> rows = {
      MakeRow("ms", programs, [](const Json& p) { return p["name"].get<std::string>(); })};
  for (size_t i = 0; i < programs.size(); ++i) rows[0].cells[i] = programs[i]["name"];
  const auto ran = std::find_if(programs.begin(), programs.end(),
                                [](const Json& p) { return !p.contains("skipped"); });
  if (ran != programs.end()) {
    for (const auto& half : (*ran)["phases"].items()) AddPhases(half.key(), programs, &rows);
  }
  rows.push_back(
      MakeRow("step", programs, [](const Json& p) { return Milliseconds(p["seconds"]); }));
  rows.push_back(MakeRow("start, ms", programs,
                         [](const Json& p) { return Milliseconds(p["startup_seconds"]); }));
  rows.push_back(MakeRow("memory, MB", programs, [](const Json& p) {
    return absl::StrFormat("%.1f", 1e-6 * p["memory_bytes"].get<double>());
  }));
  rows.push_back(MakeRow("foreseen, MB", programs, [](const Json& p) {
    return p.contains("preflight_bytes")
               ? absl::StrFormat("%.1f", 1e-6 * p["preflight_bytes"].get<double>())
               : std::string(kNothing);
  }));
  std::string text;
  for (const Row& row : rows) {
    absl::StrAppendFormat(&text, "  %-24s", row.title);
    for (size_t i = 0; i < row.cells.size(); ++i) {
      const std::string name = programs[i]["name"];
      absl::StrAppend(&text, "  ", Padded(row.cells[i], std::max<size_t>(10, name.size())));
    }
    absl::StrAppend(&text, "\n");
  }
  for (const Json& program : programs) {
    if (!program.contains("skipped")) continue;
    absl::StrAppend(&text, "  ", program["name"].get<std::string>(), ": ",
                    program["skipped"].get<std::string>(), "\n");
  }
  return text;
}

}  // namespace ssnas
