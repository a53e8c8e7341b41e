// Text of a spec → tokens with their places.
//
// Protobuf's text format: words, numbers, strings in ' or ", punctuation, comments from # to the
// line's end. Numbers are not read here, so that an error about one can name its field.
#ifndef SSNAS_SPEC_LEXER_H_
#define SSNAS_SPEC_LEXER_H_

#include <string>

#include "absl/status/status.h"
#include "ssnas/spec/source.h"

namespace ssnas {

struct Token {
  enum class Kind { kWord, kNumber, kString, kSymbol, kEnd };
  Kind kind = Kind::kEnd;
  std::string text;  // strings: decoded; the symbol; or as written
  Place place;
};

class Lexer {
 public:
  // Reads `source.text` from `offset`; the first Next() makes the first token.
  explicit Lexer(const Source& source, size_t offset = 0) : source_(source), offset_(offset) {}

  // Errors: unterminated strings, bad escapes, characters that no spec has.
  absl::Status Next();
  const Token& token() const { return token_; }

  // The text up to the closing bracket after a '[' token; then the token is that bracket.
  absl::Status BracketedName(std::string* name);

 private:
  absl::Status ReadString();
  void ReadWhile(bool (*belongs)(char), Token::Kind kind);
  void ReadNumber();
  void SkipSpaceAndComments();

  const Source& source_;
  size_t offset_;
  Token token_;
};

// The first byte that is NUL or not part of valid UTF-8, as an error; specs have neither.
absl::Status CheckBytes(const Source& source);

}  // namespace ssnas

#endif  // SSNAS_SPEC_LEXER_H_
