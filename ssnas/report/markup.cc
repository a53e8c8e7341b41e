#include "ssnas/report/markup.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "ssnas/core/logging.h"

namespace ssnas::report {
namespace {

constexpr absl::string_view kReplacement = "\xEF\xBF\xBD";

// Elements that have no content: written <x …/>, which HTML reads as it is meant.
constexpr std::array<absl::string_view, 9> kVoid = {"br",   "circle", "img", "line", "meta",
                                                    "path", "rect",   "wbr", "col"};

bool IsVoid(absl::string_view tag) {
  return std::find(kVoid.begin(), kVoid.end(), tag) != kVoid.end();
}

// Bytes of the UTF-8 character at `text[at]`; 0 when it is none that XML allows.
size_t CharacterLength(absl::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t first = byte(at);
  if (first < 0x80) return first >= 0x20 || first == '\n' || first == '\t' ? 1 : 0;
  const size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || at + length > text.size()) return 0;
  uint32_t code = first & (0x7F >> length);
  for (size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return 0;
    code = (code << 6) | (byte(at + i) & 0x3F);
  }
  constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  const bool none = (code >= 0x80 && code < 0xA0) || (code & 0xFFFE) == 0xFFFE;
  return code < kSmallest[length] || code > 0x10FFFF || surrogate || none ? 0 : length;
}

absl::string_view Entity(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return "";
  }
}

}  // namespace

std::string Escape(absl::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const size_t length = CharacterLength(text, i);
    const absl::string_view entity = Entity(text[i]);
    if (length == 0) {
      absl::StrAppend(&out, kReplacement);
    } else {
      absl::StrAppend(&out, entity.empty() ? text.substr(i, length) : entity);
    }
    i += std::max<size_t>(length, 1);
  }
  return out;
}

std::string Shorten(absl::string_view text, int characters) {
  size_t end = 0;
  for (int count = 0; end < text.size(); ++count) {
    if (count == characters - 1) {
      const size_t last = std::max<size_t>(CharacterLength(text, end), 1);
      return end + last >= text.size() ? std::string(text) : absl::StrCat(text.substr(0, end), "…");
    }
    end += std::max<size_t>(CharacterLength(text, end), 1);
  }
  return std::string(text);
}

void Markup::Start(absl::string_view tag, const Attributes& attributes) {
  absl::StrAppend(&text_, "<", tag);
  for (const Attribute& attribute : attributes) {
    absl::StrAppend(&text_, " ", attribute.name, "=\"", Escape(attribute.value), "\"");
  }
}

Markup& Markup::Open(absl::string_view tag, const Attributes& attributes) {
  CHECK(!IsVoid(tag)) << tag << " has no content: use Leaf";
  Start(tag, attributes);
  absl::StrAppend(&text_, ">");
  open_.emplace_back(tag);
  return *this;
}

Markup& Markup::Close() {
  CHECK(!open_.empty()) << "Close without Open";
  absl::StrAppend(&text_, "</", open_.back(), ">");
  open_.pop_back();
  if (open_.size() < 3) absl::StrAppend(&text_, "\n");
  return *this;
}

Markup& Markup::Text(absl::string_view text) {
  absl::StrAppend(&text_, Escape(text));
  return *this;
}

Markup& Markup::Leaf(absl::string_view tag, const Attributes& attributes, absl::string_view text) {
  Start(tag, attributes);
  if (IsVoid(tag) && text.empty()) {
    absl::StrAppend(&text_, "/>");
  } else {
    absl::StrAppend(&text_, ">", Escape(text), "</", tag, ">");
  }
  return *this;
}

Markup& Markup::Append(const Markup& part) {
  absl::StrAppend(&text_, part.str());
  return *this;
}

Markup& Markup::Style(const char* css) {
  absl::StrAppend(&text_, "<style>", css, "</style>\n");
  return *this;
}

const std::string& Markup::str() const {
  CHECK(open_.empty()) << "element " << open_.back() << " is still open";
  return text_;
}

}  // namespace ssnas::report
