#include "ssnas/report/testing/xml_check.h"

#include <set>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace ssnas::report {
namespace {

bool IsName(char c) { return absl::ascii_isalnum(c) || c == '-' || c == ':' || c == '_'; }

class Checker {
 public:
  explicit Checker(absl::string_view text) : text_(text) {}

  std::string Run() {
    while (error_.empty() && at_ < text_.size()) {
      if (text_[at_] == '<') {
        Tag();
      } else {
        Character();
      }
    }
    if (error_.empty() && !open_.empty()) Fail(absl::StrCat("<", open_.back(), "> is not closed"));
    return error_;
  }

 private:
  void Fail(const std::string& what) {
    const size_t from = at_ < 60 ? 0 : at_ - 60;
    error_ = absl::StrCat(what, " near: ", text_.substr(from, 120));
  }

  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  std::string Name() {
    const size_t from = at_;
    while (IsName(Peek())) ++at_;
    if (at_ == from) Fail("a name is missing");
    return std::string(text_.substr(from, at_ - from));
  }

  // A character of text or of an attribute's value.
  void Character() {
    const char c = Peek();
    if (c == '<') return Fail("'<' within a value");
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t')
      return Fail("a control character");
    if (c != '&') {
      ++at_;
      return;
    }
    for (const absl::string_view entity : {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"}) {
      if (text_.substr(at_, entity.size()) == entity) {
        at_ += entity.size();
        return;
      }
    }
    Fail("'&' that begins no entity");
  }

  void CloseTag() {
    at_ += 2;
    const std::string name = Name();
    if (open_.empty() || open_.back() != name)
      return Fail(absl::StrCat("</", name, "> closes nothing"));
    open_.pop_back();
    if (Peek() != '>') return Fail("'>' is missing");
    ++at_;
  }

  void Tag() {
    if (text_.substr(at_, 2) == "</") return CloseTag();
    ++at_;
    const std::string name = Name();
    std::set<std::string> attributes;
    while (error_.empty() && Peek() == ' ') {
      ++at_;
      Attribute(&attributes);
    }
    if (!error_.empty()) return;
    if (text_.substr(at_, 2) == "/>") {
      at_ += 2;
    } else if (Peek() == '>') {
      ++at_;
      open_.push_back(name);
    } else {
      Fail("a tag does not end");
    }
  }

  void Attribute(std::set<std::string>* seen) {
    const std::string name = Name();
    if (!seen->insert(name).second) return Fail(absl::StrCat("attribute ", name, " occurs twice"));
    if (text_.substr(at_, 2) != "=\"") return Fail("a value without quotes");
    at_ += 2;
    while (error_.empty() && at_ < text_.size() && Peek() != '"') Character();
    if (Peek() != '"') return Fail("a value does not end");
    ++at_;
  }

  absl::string_view text_;
  size_t at_ = 0;
  std::vector<std::string> open_;
  std::string error_;
};

}  // namespace

std::string XmlError(absl::string_view text) {
  absl::ConsumePrefix(&text, "<!DOCTYPE html>\n");
  return Checker(text).Run();
}

int CountOf(absl::string_view text, absl::string_view part) {
  int count = 0;
  for (size_t at = text.find(part); at != absl::string_view::npos;
       at = text.find(part, at + part.size())) {
    ++count;
  }
  return count;
}

}  // namespace ssnas::report
