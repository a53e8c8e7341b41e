#include "ssnas/networks/darts_text.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/spec/source.h"

namespace ssnas {
namespace {

constexpr char kHead[] = "Genotype";
constexpr int kEdgesPerNode = 2;
constexpr int kMaxEdges = 128;
constexpr int kMaxState = 1000;

bool IsWordChar(char c) { return absl::ascii_isalnum(c) || c == '_'; }

// Where the word `Genotype` stands in front of a bracket; npos: nowhere.
size_t FindGenotype(absl::string_view text) {
  const size_t length = sizeof(kHead) - 1;
  for (size_t at = text.find(kHead); at != absl::string_view::npos; at = text.find(kHead, at + 1)) {
    if (at > 0 && IsWordChar(text[at - 1])) continue;
    if (absl::StartsWith(absl::StripLeadingAsciiWhitespace(text.substr(at + length)), "(")) {
      return at;
    }
  }
  return absl::string_view::npos;
}

class DartsParser {
 public:
  DartsParser(absl::string_view text, const std::string& origin, EdgeOffsets* offsets)
      : source_{.name = origin, .text = std::string(text)},
        text_(source_.text),
        offsets_(offsets) {}

  absl::StatusOr<Architecture> Parse() {
    SSNAS_RETURN_IF_ERROR(Head());
    Architecture architecture;
    while (!Take(')')) {
      SSNAS_RETURN_IF_ERROR(Field(&architecture));
      if (!Take(',')) {
        SSNAS_RETURN_IF_ERROR(Expect(')'));
        break;
      }
    }
    SkipSpace();
    if (at_ != text_.size()) return Error("nothing may follow the genotype: one a file");
    return architecture;
  }

 private:
  // Nothing but comments and `NAME =` may stand before the genotype.
  absl::Status Head() {
    const size_t genotype = FindGenotype(text_);
    if (genotype == absl::string_view::npos) return Error("expected Genotype(…)");
    const absl::string_view before = absl::StripAsciiWhitespace(text_.substr(0, genotype));
    const std::vector<absl::string_view> lines = absl::StrSplit(before, '\n');
    for (size_t i = 0; i < lines.size(); ++i) {
      const absl::string_view line = absl::StripAsciiWhitespace(lines[i]);
      const bool name = i + 1 == lines.size() && absl::EndsWith(line, "=");
      if (line.empty() || line[0] == '#' || name) continue;
      return Error("expected Genotype(…) or NAME = Genotype(…), one a file");
    }
    at_ = genotype + sizeof(kHead) - 1;
    return Expect('(');
  }

  absl::Status Field(Architecture* architecture) {
    const std::string name = Word();
    const bool edges = name == "normal" || name == "reduce";
    if (!edges && name != "normal_concat" && name != "reduce_concat") {
      return Error(
          absl::StrCat("expected normal=, normal_concat=, reduce= or reduce_concat=, got '",
                       name.empty() ? Here() : Shown(name), "'"));
    }
    if (!seen_.insert(name).second) return Error(absl::StrCat("a second ", name));
    SSNAS_RETURN_IF_ERROR(Expect('='));
    const bool normal = absl::StartsWith(name, "normal");
    CellGenotype* cell =
        normal ? architecture->mutable_normal() : architecture->mutable_reduction();
    if (!edges) return Concat(cell);
    std::vector<size_t> operations;
    SSNAS_RETURN_IF_ERROR(Edges(cell, &operations));
    if (offsets_ != nullptr) {
      (normal ? offsets_->normal : offsets_->reduction) = std::move(operations);
    }
    return absl::OkStatus();
  }

  absl::Status Edges(CellGenotype* cell, std::vector<size_t>* operations) {
    SSNAS_RETURN_IF_ERROR(Expect('['));
    while (!Take(']')) {
      SSNAS_RETURN_IF_ERROR(Expect('('));
      SSNAS_ASSIGN_OR_RETURN(const std::string operation, Quoted());
      operations->push_back(token_);
      SSNAS_RETURN_IF_ERROR(Expect(','));
      SSNAS_ASSIGN_OR_RETURN(const int from, Number());
      const int to = 2 + cell->edge_size() / kEdgesPerNode;
      if (from >= to) return Error(absl::StrCat("node ", to, " cannot read state ", from));
      if (cell->edge_size() == kMaxEdges) return Error("more than 128 edges");
      SSNAS_RETURN_IF_ERROR(Expect(')'));
      Edge* edge = cell->add_edge();
      edge->set_from(from);
      edge->set_to(to);
      edge->mutable_operation()->set_name(operation);
      if (!Take(',')) {
        SSNAS_RETURN_IF_ERROR(Expect(']'));
        break;
      }
    }
    if (cell->edge_size() % kEdgesPerNode != 0) {
      return Error("an odd number of edges: each node has two");
    }
    return absl::OkStatus();
  }

  // range(2, 6), [2, 3, 4, 5] or (2, 3).
  absl::Status Concat(CellGenotype* cell) {
    const std::string word = Word();
    if (!word.empty() && word != "range") return Error("expected range(first, end) or [states]");
    const bool list = word.empty() && Take('[');
    if (!list) SSNAS_RETURN_IF_ERROR(Expect('('));
    const char close = list ? ']' : ')';
    std::vector<int> values;
    while (!Take(close)) {
      SSNAS_ASSIGN_OR_RETURN(const int value, Number());
      values.push_back(value);
      if (!Take(',')) {
        SSNAS_RETURN_IF_ERROR(Expect(close));
        break;
      }
    }
    if (word.empty()) {
      cell->mutable_concat()->Add(values.begin(), values.end());
      return absl::OkStatus();
    }
    if (values.size() != 2) return Error("expected range(first, end)");
    for (int state = values[0]; state < values[1]; ++state) cell->add_concat(state);
    return absl::OkStatus();
  }

  void SkipSpace() {
    while (at_ < text_.size() && (absl::ascii_isspace(text_[at_]) || text_[at_] == '#')) {
      if (text_[at_] == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else {
        ++at_;
      }
    }
    token_ = at_;
  }
  bool Take(char c) {
    SkipSpace();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  absl::Status Expect(char c) {
    if (Take(c)) return absl::OkStatus();
    return Error(absl::StrCat("expected '", std::string(1, c), "', got '", Here(), "'"));
  }
  std::string Word() {
    SkipSpace();
    while (at_ < text_.size() && IsWordChar(text_[at_])) ++at_;
    return std::string(text_.substr(token_, at_ - token_));
  }
  absl::StatusOr<std::string> Quoted() {
    SkipSpace();
    if (at_ == text_.size() || (text_[at_] != '\'' && text_[at_] != '"')) {
      return Error("expected an operation's name in quotes");
    }
    const size_t end = text_.find(text_[at_], at_ + 1);
    if (end == absl::string_view::npos) return Error("a quote is not closed");
    const std::string word(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return word;
  }
  absl::StatusOr<int> Number() {
    const std::string word = Word();
    int value = 0;
    if (!absl::SimpleAtoi(word, &value) || value < 0 || value > kMaxState) {
      return Error(absl::StrCat("expected a state's number, got '",
                                word.empty() ? Here() : Shown(word), "'"));
    }
    return value;
  }

  // The character that comes next, as it can be printed.
  std::string Here() const {
    return at_ == text_.size() ? "end of file" : Shown(text_.substr(at_, 1));
  }
  // At the latest token.
  absl::Status Error(absl::string_view what) const { return ErrorAt({&source_, token_}, what); }

  const Source source_;
  const absl::string_view text_;
  EdgeOffsets* const offsets_;
  std::set<std::string> seen_;
  size_t at_ = 0;
  size_t token_ = 0;  // where the latest token starts
};

}  // namespace

bool LooksLikeDartsText(absl::string_view text) {
  return !absl::StrContains(text, '{') && FindGenotype(text) != absl::string_view::npos;
}

absl::StatusOr<Architecture> ParseDartsText(absl::string_view text, const std::string& origin,
                                            EdgeOffsets* offsets) {
  return DartsParser(text, origin, offsets).Parse();
}

}  // namespace ssnas
