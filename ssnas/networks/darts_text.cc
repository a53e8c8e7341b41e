#include "ssnas/networks/darts_text.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/networks/genotype.h"

namespace ssnas {
namespace {

constexpr int kEdgesPerNode = 2;
constexpr size_t kMaxEdges = 128;

class DartsParser {
 public:
  DartsParser(absl::string_view text, const std::string& origin) : text_(text), origin_(origin) {}

  absl::StatusOr<Architecture> Parse() {
    std::string word = Word();
    if (Take('=')) word = Word();
    if (word != "Genotype") return Error("expected Genotype(…)");
    SSNAS_RETURN_IF_ERROR(Expect('('));
    Architecture architecture;
    while (!Take(')')) {
      SSNAS_RETURN_IF_ERROR(Field(&architecture));
      if (!Take(',')) {
        SSNAS_RETURN_IF_ERROR(Expect(')'));
        break;
      }
    }
    SkipSpace();
    if (at_ != text_.size()) return Error("nothing may follow the closing bracket");
    return architecture;
  }

 private:
  absl::Status Field(Architecture* architecture) {
    const std::string name = Word();
    SSNAS_RETURN_IF_ERROR(Expect('='));
    if (name == "normal") return Edges(architecture->mutable_normal());
    if (name == "reduce") return Edges(architecture->mutable_reduction());
    if (name == "normal_concat") return Concat(architecture->mutable_normal());
    if (name == "reduce_concat") return Concat(architecture->mutable_reduction());
    return Error(absl::StrCat("no field '", name, "'; there are normal, normal_concat, reduce, reduce_concat"));
  }

  absl::Status Edges(CellGenotype* cell) {
    SSNAS_RETURN_IF_ERROR(Expect('['));
    while (!Take(']')) {
      SSNAS_RETURN_IF_ERROR(Expect('('));
      SSNAS_ASSIGN_OR_RETURN(const std::string operation, Quoted());
      SSNAS_RETURN_IF_ERROR(Expect(','));
      SSNAS_ASSIGN_OR_RETURN(const int from, Number());
      SSNAS_RETURN_IF_ERROR(Expect(')'));
      if (static_cast<size_t>(cell->edge_size()) == kMaxEdges) return Error("too many edges");
      const int to = 2 + cell->edge_size() / kEdgesPerNode;
      if (from >= to) return Error(absl::StrCat("node ", to, " cannot read state ", from));
      Edge* edge = cell->add_edge();
      edge->set_from(from);
      edge->set_to(to);
      edge->mutable_operation()->set_name(operation);
      if (!Take(',')) {
        SSNAS_RETURN_IF_ERROR(Expect(']'));
        break;
      }
    }
    if (cell->edge_size() % kEdgesPerNode != 0) return Error("an odd number of edges: each node has two");
    return absl::OkStatus();
  }

  // range(2, 6), [2, 3, 4, 5] or (2, 3).
  absl::Status Concat(CellGenotype* cell) {
    const bool range = Word() == "range";
    const bool list = !range && Take('[');
    if (!list) SSNAS_RETURN_IF_ERROR(Expect('('));
    std::vector<int> values;
    const char close = list ? ']' : ')';
    while (!Take(close)) {
      SSNAS_ASSIGN_OR_RETURN(const int value, Number());
      values.push_back(value);
      if (!Take(',')) {
        SSNAS_RETURN_IF_ERROR(Expect(close));
        break;
      }
    }
    if (range && values.size() != 2) return Error("expected range(first, end)");
    if (range) {
      for (int state = values[0]; state < values[1]; ++state) cell->add_concat(state);
    } else {
      cell->mutable_concat()->Add(values.begin(), values.end());
    }
    return absl::OkStatus();
  }

  void SkipSpace() {
    while (at_ < text_.size() && absl::ascii_isspace(text_[at_])) ++at_;
  }
  bool Take(char c) {
    SkipSpace();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  absl::Status Expect(char c) {
    if (Take(c)) return absl::OkStatus();
    return Error(absl::StrCat("expected '", std::string(1, c), "'"));
  }
  std::string Word() {
    SkipSpace();
    const size_t start = at_;
    while (at_ < text_.size() && (absl::ascii_isalnum(text_[at_]) || text_[at_] == '_')) ++at_;
    return std::string(text_.substr(start, at_ - start));
  }
  absl::StatusOr<std::string> Quoted() {
    SkipSpace();
    if (at_ == text_.size() || (text_[at_] != '\'' && text_[at_] != '"')) {
      return Error("expected an operation's name in quotes");
    }
    const char quote = text_[at_++];
    const size_t end = text_.find(quote, at_);
    if (end == absl::string_view::npos) return Error("a quote is not closed");
    const std::string word(text_.substr(at_, end - at_));
    at_ = end + 1;
    return word;
  }
  absl::StatusOr<int> Number() {
    const std::string word = Word();
    int value = 0;
    if (!absl::SimpleAtoi(word, &value) || value < 0 || value > 1000) {
      return Error(absl::StrCat("expected a state's number, got '", word, "'"));
    }
    return value;
  }
  absl::Status Error(absl::string_view what) const {
    const absl::string_view before = text_.substr(0, at_);
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const size_t newline = before.rfind('\n');
    const size_t column = newline == absl::string_view::npos ? at_ + 1 : at_ - newline;
    return absl::InvalidArgumentError(absl::StrCat(origin_, ":", line, ":", column, ": ", what));
  }

  const absl::string_view text_;
  const std::string& origin_;
  size_t at_ = 0;
};

std::string CellText(const CellGenotype& cell) {
  std::string text;
  for (const Edge& edge : cell.edge()) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", "('", edge.operation().name(), "', ", edge.from(), ")");
  }
  return absl::StrCat("[", text, "]");
}

std::string ConcatText(const CellGenotype& cell, int nodes) {
  std::vector<int> states(cell.concat().begin(), cell.concat().end());
  for (int node = 2; cell.concat().empty() && node < nodes + 2; ++node) states.push_back(node);
  bool range = true;
  for (size_t i = 1; i < states.size(); ++i) range &= states[i] == states[i - 1] + 1;
  if (range) return absl::StrCat("range(", states.front(), ", ", states.back() + 1, ")");
  std::string text;
  for (const int state : states) absl::StrAppend(&text, text.empty() ? "" : ", ", state);
  return absl::StrCat("[", text, "]");
}

// Edges by node, two each, no configs: what the format can hold.
absl::StatusOr<CellGenotype> Sorted(const CellGenotype& cell) {
  CellGenotype sorted = cell;
  std::stable_sort(sorted.mutable_edge()->begin(), sorted.mutable_edge()->end(),
                   [](const Edge& a, const Edge& b) { return a.to() < b.to(); });
  for (int i = 0; i < sorted.edge_size(); ++i) {
    if (sorted.edge(i).to() != 2 + i / kEdgesPerNode || sorted.edge_size() % kEdgesPerNode != 0) {
      return absl::InvalidArgumentError("a DARTS genotype has exactly two edges a node");
    }
    if (sorted.edge(i).operation().has_config()) {
      return absl::InvalidArgumentError("a DARTS genotype cannot hold an operation's config");
    }
  }
  return sorted;
}

}  // namespace

bool LooksLikeDartsText(absl::string_view text) {
  const size_t bracket = text.find('(');
  if (bracket == absl::string_view::npos) return false;
  const absl::string_view head = absl::StripAsciiWhitespace(text.substr(0, bracket));
  return head == "Genotype" || (head.size() > 8 && absl::StripSuffix(head, "Genotype") != head &&
                                head.find('=') != absl::string_view::npos);
}

absl::StatusOr<Architecture> ParseDartsText(absl::string_view text, const std::string& origin) {
  return DartsParser(text, origin).Parse();
}

absl::StatusOr<std::string> PrintDartsGenotype(const Architecture& architecture) {
  SSNAS_ASSIGN_OR_RETURN(const int normal_nodes, CheckCell(architecture.normal()));
  SSNAS_ASSIGN_OR_RETURN(const int reduction_nodes, CheckCell(architecture.reduction()));
  SSNAS_ASSIGN_OR_RETURN(const CellGenotype normal, Sorted(architecture.normal()));
  SSNAS_ASSIGN_OR_RETURN(const CellGenotype reduction, Sorted(architecture.reduction()));
  return absl::StrCat("Genotype(normal=", CellText(normal), ", normal_concat=", ConcatText(normal, normal_nodes),
                      ", reduce=", CellText(reduction),
                      ", reduce_concat=", ConcatText(reduction, reduction_nodes), ")");
}

}  // namespace ssnas
