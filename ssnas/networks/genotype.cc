#include "ssnas/networks/genotype.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/networks/darts_text.h"
#include "ssnas/ops/operation.h"

namespace ssnas {
namespace {

constexpr size_t kMaxBytes = 1 << 20;
constexpr int kMaxNodes = 64;

// Keeps the parser's first error, with its place.
class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  explicit FirstError(std::string origin) : origin_(std::move(origin)) {}
  void AddError(int line, int column, const std::string& message) override {
    if (text_.empty()) text_ = absl::StrCat(origin_, ":", line + 1, ":", column + 1, ": ", message);
  }
  const std::string& text() const { return text_; }

 private:
  const std::string origin_;
  std::string text_;
};

absl::StatusOr<Architecture> ParseTextproto(absl::string_view text, const std::string& origin) {
  Architecture architecture;
  google::protobuf::TextFormat::Parser parser;
  FirstError error(origin);
  parser.RecordErrorsTo(&error);
  parser.SetRecursionLimit(20);
  if (!parser.ParseFromString(std::string(text), &architecture)) {
    return absl::InvalidArgumentError(error.text().empty() ? absl::StrCat(origin, ": not an Architecture")
                                                           : error.text());
  }
  return architecture;
}

// The operations exist and the edges make cells.
absl::Status CheckArchitecture(const Architecture& architecture, const std::string& origin) {
  const std::pair<const char*, const CellGenotype*> cells[] = {{"normal", &architecture.normal()},
                                                              {"reduction", &architecture.reduction()}};
  for (const auto& [kind, cell] : cells) {
    if (const absl::StatusOr<int> nodes = CheckCell(*cell); !nodes.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(origin, ": ", kind, " cell: ", nodes.status().message()));
    }
    for (const Edge& edge : cell->edge()) {
      const auto facts = TableOf<Operation>().Find(edge.operation().name());
      if (!facts.ok()) {
        return absl::InvalidArgumentError(absl::StrCat(origin, ": ", kind, " cell: ", facts.status().message()));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Architecture> ParseArchitecture(absl::string_view text, const std::string& origin) {
  if (text.size() > kMaxBytes) {
    return absl::InvalidArgumentError(absl::StrCat(origin, ": ", text.size(), " bytes are no genotype"));
  }
  auto parsed = LooksLikeDartsText(text) ? ParseDartsText(text, origin) : ParseTextproto(text, origin);
  if (!parsed.ok()) return parsed.status();
  SSNAS_RETURN_IF_ERROR(CheckArchitecture(*parsed, origin));
  return parsed;
}

std::string PrintArchitecture(const Architecture& architecture) {
  std::string text;
  google::protobuf::TextFormat::Printer printer;
  printer.SetExpandAny(true);
  printer.PrintToString(architecture, &text);
  return absl::StrCat("# proto-file: ssnas/proto/architecture.proto\n# proto-message: ssnas.Architecture\n", text);
}

absl::StatusOr<int> CheckCell(const CellGenotype& cell) {
  int last = 1;
  std::set<int> fed;
  for (const Edge& edge : cell.edge()) {
    if (edge.to() < 2 || edge.to() > kMaxNodes + 1) {
      return absl::InvalidArgumentError(absl::StrCat("an edge to state ", edge.to(), "; nodes are 2 to ", kMaxNodes + 1));
    }
    if (edge.from() < 0 || edge.from() >= edge.to()) {
      return absl::InvalidArgumentError(
          absl::StrCat("an edge from state ", edge.from(), " to ", edge.to(), "; it must come from an earlier state"));
    }
    last = std::max(last, edge.to());
    fed.insert(edge.to());
  }
  if (last == 1) return absl::InvalidArgumentError("it has no edges");
  for (int node = 2; node <= last; ++node) {
    if (fed.count(node) == 0) return absl::InvalidArgumentError(absl::StrCat("node ", node, " has no incoming edge"));
  }
  for (const int state : cell.concat()) {
    if (state < 2 || state > last) {
      return absl::InvalidArgumentError(
          absl::StrCat("its output holds state ", state, "; its nodes are 2 to ", last));
    }
  }
  return last - 1;
}

std::string DrawCell(const CellGenotype& cell, absl::string_view title) {
  const int nodes = CheckCell(cell).value_or(0);
  std::vector<std::string> concat;
  for (const int state : cell.concat()) concat.push_back(absl::StrCat(state));
  for (int node = 2; concat.empty() && node < nodes + 2; ++node) concat.push_back(absl::StrCat(node));
  std::string drawing = absl::StrCat(title, "   nodes: 0 = cell k−2, 1 = cell k−1, out = ",
                                     absl::StrJoin(concat, "‖"), "\n");
  for (int node = 2; node < nodes + 2; ++node) {
    std::vector<std::string> terms;
    for (const Edge& edge : cell.edge()) {
      if (edge.to() == node) terms.push_back(absl::StrCat(edge.operation().name(), "(", edge.from(), ")"));
    }
    absl::StrAppend(&drawing, "  ", node, " ← ", absl::StrJoin(terms, " + "), "\n");
  }
  return drawing;
}

}  // namespace ssnas
