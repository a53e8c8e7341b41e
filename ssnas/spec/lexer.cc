#include "ssnas/spec/lexer.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "ssnas/core/utf8.h"

namespace ssnas {
namespace {

constexpr absl::string_view kSymbols = "{}[]<>:,;-";

bool IsWordStart(char c) { return absl::ascii_isalpha(c) || c == '_'; }
bool IsWord(char c) { return absl::ascii_isalnum(c) || c == '_'; }
bool IsTypeName(char c) { return IsWord(c) || c == '.' || c == '/' || c == '-'; }

}  // namespace

absl::Status CheckBytes(const Source& source) {
  const absl::string_view text = source.text;
  for (size_t i = 0; i < text.size();) {
    const Place place{&source, i};
    if (text[i] == '\0') {
      return ErrorAt(place, "a zero byte; a spec is text. Is this another kind of file?");
    }
    const size_t length = Utf8Length(text.substr(i));
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
  if (offset_ == 0 && absl::StartsWith(text, kByteOrderMark)) offset_ = kByteOrderMark.size();
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
    return ErrorAt(token_.place,
                   absl::StrFormat("this string has no closing %c on its line", quote));
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
                                              Shown(rest.substr(0, Utf8Length(rest))), "'"));
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
