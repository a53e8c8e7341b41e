#include "ssnas/spec/lexer.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"

namespace ssnas {
namespace {

constexpr absl::string_view kSymbols = "{}[]<>:,;-";

bool IsWordStart(char c) { return absl::ascii_isalpha(c) || c == '_'; }
bool IsWord(char c) { return absl::ascii_isalnum(c) || c == '_'; }
bool IsTypeName(char c) { return IsWord(c) || c == '.' || c == '/' || c == '-'; }

// Bytes of the UTF-8 sequence at the start of `bytes`; 0 if there is none. Overlong forms, surrogates and
// values past U+10FFFF are none.
size_t SequenceLength(absl::string_view bytes) {
  const auto byte = [&](size_t i) {
    return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0;
  };
  const auto continuations = [&](size_t count) {
    for (size_t i = 1; i <= count; ++i) {
      if ((byte(i) & 0xC0) != 0x80) return false;
    }
    return true;
  };
  const int lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead < 0xE0) return continuations(1) ? 2 : 0;
  if (lead >= 0xE0 && lead < 0xF0 && continuations(2)) {
    const bool overlong = lead == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = lead == 0xED && byte(1) >= 0xA0;
    return overlong || surrogate ? 0 : 3;
  }
  if (lead >= 0xF0 && lead < 0xF5 && continuations(3)) {
    const bool overlong = lead == 0xF0 && byte(1) < 0x90;
    const bool too_large = lead == 0xF4 && byte(1) >= 0x90;
    return overlong || too_large ? 0 : 4;
  }
  return 0;
}

}  // namespace

bool IsUtf8(absl::string_view bytes) {
  while (!bytes.empty()) {
    const size_t length = SequenceLength(bytes);
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

absl::Status CheckBytes(const Source& source) {
  const absl::string_view text = source.text;
  for (size_t i = 0; i < text.size();) {
    const Place place{&source, i};
    if (text[i] == '\0') {
      return ErrorAt(place, "a zero byte; a spec is text. Is this another kind of file?");
    }
    const size_t length = SequenceLength(text.substr(i));
    if (length == 0) {
      return ErrorAt(place, absl::StrFormat("byte 0x%02X is not UTF-8; save the file as UTF-8 text",
                                            static_cast<unsigned char>(text[i])));
    }
    i += length;
  }
  return absl::OkStatus();
}

void Lexer::SkipSpaceAndComments() {
  const std::string& text = source_.text;
  // A byte order mark is what some editors put before UTF-8.
  if (offset_ == 0 && absl::string_view(text).substr(0, 3) == "\xEF\xBB\xBF") offset_ = 3;
  while (offset_ < text.size()) {
    if (absl::ascii_isspace(text[offset_])) {
      ++offset_;
    } else if (text[offset_] == '#') {
      while (offset_ < text.size() && text[offset_] != '\n') ++offset_;
    } else {
      return;
    }
  }
}

void Lexer::ReadWhile(bool (*belongs)(char), Token::Kind kind) {
  const size_t begin = offset_;
  while (offset_ < source_.text.size() && belongs(source_.text[offset_])) ++offset_;
  token_.kind = kind;
  token_.text = source_.text.substr(begin, offset_ - begin);
}

void Lexer::ReadNumber() {
  const std::string& text = source_.text;
  const size_t begin = offset_;
  const auto at = [&](size_t i) { return i < text.size() ? text[i] : '\0'; };
  const bool hexadecimal = at(begin) == '0' && absl::ascii_tolower(at(begin + 1)) == 'x';
  while (IsWord(at(offset_)) || at(offset_) == '.') {
    const bool exponent = !hexadecimal && absl::ascii_tolower(at(offset_)) == 'e';
    ++offset_;
    if (exponent && (at(offset_) == '+' || at(offset_) == '-')) ++offset_;
  }
  token_.kind = Token::Kind::kNumber;
  token_.text = text.substr(begin, offset_ - begin);
}

absl::Status Lexer::ReadString() {
  const std::string& text = source_.text;
  const char quote = text[offset_];
  size_t end = offset_ + 1;
  while (end < text.size() && text[end] != quote && text[end] != '\n') {
    end += text[end] == '\\' ? 2 : 1;
  }
  if (end >= text.size() || text[end] != quote) {
    return ErrorAt(token_.place, absl::StrFormat("this string has no closing %c on its line", quote));
  }
  std::string error;
  token_.kind = Token::Kind::kString;
  const absl::string_view body = absl::string_view(text).substr(offset_ + 1, end - offset_ - 1);
  if (!absl::CUnescape(body, &token_.text, &error)) {
    return ErrorAt(token_.place, absl::StrCat("this string has a wrong escape: ", Shown(error)));
  }
  offset_ = end + 1;
  return absl::OkStatus();
}

absl::Status Lexer::Next() {
  SkipSpaceAndComments();
  token_ = {.kind = Token::Kind::kEnd, .text = "", .place = {&source_, offset_}};
  if (offset_ >= source_.text.size()) return absl::OkStatus();
  const char c = source_.text[offset_];
  if (IsWordStart(c)) {
    ReadWhile(IsWord, Token::Kind::kWord);
  } else if (absl::ascii_isdigit(c) || c == '.') {
    ReadNumber();
  } else if (c == '"' || c == '\'') {
    return ReadString();
  } else if (kSymbols.find(c) != absl::string_view::npos) {
    token_.kind = Token::Kind::kSymbol;
    token_.text = std::string(1, c);
    ++offset_;
  } else if (c == '/') {
    return ErrorAt(token_.place, "unexpected '/'; a comment starts with #");
  } else {
    const absl::string_view rest = absl::string_view(source_.text).substr(offset_);
    return ErrorAt(token_.place, absl::StrCat("unexpected character '",
                                              Shown(rest.substr(0, SequenceLength(rest))), "'"));
  }
  return absl::OkStatus();
}

absl::Status Lexer::BracketedName(std::string* name) {
  const Place open = token_.place;
  SkipSpaceAndComments();
  ReadWhile(IsTypeName, Token::Kind::kWord);
  *name = token_.text;
  if (absl::Status next = Next(); !next.ok()) return next;
  if (name->empty() || token_.text != "]") {
    return ErrorAt(open, "expected [type.googleapis.com/TYPE], the type of a plugin's config");
  }
  return absl::OkStatus();
}

}  // namespace ssnas
