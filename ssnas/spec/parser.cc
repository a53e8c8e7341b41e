#include "ssnas/spec/parser.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/spec/lexer.h"

namespace ssnas {
namespace {

constexpr size_t kMaxNameBytes = 256;

class Parser {
 public:
  Parser(const Source& source, size_t offset) : lexer_(source, offset) {}

  absl::StatusOr<std::vector<Field>> WholeText() {
    SSNAS_RETURN_IF_ERROR(lexer_.Next());
    std::vector<Field> fields;
    SSNAS_RETURN_IF_ERROR(Fields("", {}, &fields));
    return fields;
  }

  absl::StatusOr<std::vector<Field>> WholeValue(const Field& field) {
    SSNAS_RETURN_IF_ERROR(lexer_.Next());
    std::vector<Field> fields;
    SSNAS_RETURN_IF_ERROR(FieldValue(field, &fields));
    if (lexer_.token().kind != Token::Kind::kEnd) {
      return ErrorAt(lexer_.token().place,
                     absl::StrCat("expected the end after the value; got ", Got()));
    }
    return fields;
  }

 private:
  bool IsSymbol(absl::string_view symbol) const {
    return lexer_.token().kind == Token::Kind::kSymbol && lexer_.token().text == symbol;
  }

  // What the token is, for "got …".
  std::string Got() const {
    const Token& token = lexer_.token();
    switch (token.kind) {
      case Token::Kind::kEnd:
        return "the end";
      case Token::Kind::kNumber:
        return Shown(token.text);
      case Token::Kind::kString:
        return absl::StrCat("\"", Shown(token.text), "\"");
      default:
        return absl::StrCat("'", Shown(token.text), "'");
    }
  }

  // Fields up to `close` ("" is the end of the text).
  absl::Status Fields(absl::string_view close, Place open, std::vector<Field>* fields) {
    for (;;) {
      const Token& token = lexer_.token();
      if (token.kind == Token::Kind::kEnd) {
        return close.empty() ? absl::OkStatus()
                             : ErrorAt(open, absl::StrCat("this has no closing '", close, "'"));
      }
      if (!close.empty() && IsSymbol(close)) return lexer_.Next();
      SSNAS_RETURN_IF_ERROR(OneField(fields));
      if (IsSymbol(",") || IsSymbol(";")) SSNAS_RETURN_IF_ERROR(lexer_.Next());
    }
  }

  absl::Status OneField(std::vector<Field>* fields) {
    Field field;
    field.place = lexer_.token().place;
    if (IsSymbol("[")) {
      field.bracketed = true;
      SSNAS_RETURN_IF_ERROR(lexer_.BracketedName(&field.name));
    } else if (lexer_.token().kind == Token::Kind::kWord) {
      field.name = lexer_.token().text;
    } else if (IsSymbol("}") || IsSymbol(">") || IsSymbol("]")) {
      return ErrorAt(field.place, absl::StrCat("this ", Got(), " closes nothing"));
    } else {
      const bool json = IsSymbol("{") || lexer_.token().kind == Token::Kind::kString;
      return ErrorAt(
          field.place,
          absl::StrCat("expected the name of a field; got ", Got(),
                       json ? ". A spec is protobuf text, not JSON: name: \"value\"" : ""));
    }
    // Each element of a list gets a copy of its name.
    if (field.name.size() > kMaxNameBytes) {
      return ErrorAt(field.place,
                     absl::StrCat("no field has a name of ", field.name.size(), " bytes"));
    }
    SSNAS_RETURN_IF_ERROR(lexer_.Next());
    if (IsSymbol(":")) {
      SSNAS_RETURN_IF_ERROR(lexer_.Next());
    } else if (!IsSymbol("{") && !IsSymbol("<")) {
      return ErrorAt(lexer_.token().place, absl::StrCat("expected ':' or '{' after '",
                                                        Shown(field.name), "'; got ", Got()));
    }
    return FieldValue(field, fields);
  }

  absl::Status FieldValue(Field field, std::vector<Field>* fields) {
    if (!IsSymbol("[")) {
      SSNAS_RETURN_IF_ERROR(OneValue(field.name, &field.value));
      fields->push_back(std::move(field));
      return absl::OkStatus();
    }
    field.in_list = true;
    const Place open = lexer_.token().place;
    SSNAS_RETURN_IF_ERROR(lexer_.Next());
    if (IsSymbol("]")) {
      field.value.kind = Value::Kind::kEmptyList;
      field.value.place = open;
      fields->push_back(std::move(field));
      return lexer_.Next();
    }
    for (;;) {
      fields->push_back(field);
      SSNAS_RETURN_IF_ERROR(OneValue(field.name, &fields->back().value));
      if (IsSymbol("]")) return lexer_.Next();
      if (lexer_.token().kind == Token::Kind::kEnd)
        return ErrorAt(open, "this list has no closing ']'");
      if (!IsSymbol(",")) {
        return ErrorAt(lexer_.token().place, absl::StrCat("expected ',' or ']' in the list ",
                                                          Shown(field.name), "; got ", Got()));
      }
      SSNAS_RETURN_IF_ERROR(lexer_.Next());
    }
  }

  absl::Status OneValue(const std::string& name, Value* value) {
    value->place = lexer_.token().place;
    if (IsSymbol("{") || IsSymbol("<")) return Message(value);
    std::string sign;
    if (IsSymbol("-")) {
      sign = "-";
      SSNAS_RETURN_IF_ERROR(lexer_.Next());
    }
    const Token::Kind kind = lexer_.token().kind;
    const bool signable = kind == Token::Kind::kNumber || kind == Token::Kind::kWord;
    if (!signable && (kind != Token::Kind::kString || !sign.empty())) {
      return ErrorAt(lexer_.token().place,
                     absl::StrCat("expected a value for ", Shown(name), "; got ", Got()));
    }
    value->text = absl::StrCat(sign, lexer_.token().text);
    value->kind = kind == Token::Kind::kNumber ? Value::Kind::kNumber
                  : kind == Token::Kind::kWord ? Value::Kind::kWord
                                               : Value::Kind::kString;
    SSNAS_RETURN_IF_ERROR(lexer_.Next());
    // Strings side by side are one, as in C.
    while (value->kind == Value::Kind::kString && lexer_.token().kind == Token::Kind::kString) {
      value->text += lexer_.token().text;
      SSNAS_RETURN_IF_ERROR(lexer_.Next());
    }
    return absl::OkStatus();
  }

  absl::Status Message(Value* value) {
    if (++nesting_ > kMaxNesting) {
      return ErrorAt(value->place,
                     absl::StrCat("messages are nested more than ", kMaxNesting, " deep"));
    }
    const absl::string_view close = IsSymbol("{") ? "}" : ">";
    value->kind = Value::Kind::kMessage;
    SSNAS_RETURN_IF_ERROR(lexer_.Next());
    SSNAS_RETURN_IF_ERROR(Fields(close, value->place, &value->fields));
    --nesting_;
    return absl::OkStatus();
  }

  Lexer lexer_;
  int nesting_ = 0;
};

absl::Status CheckText(const Source& source) {
  if (source.text.size() > kMaxSpecBytes) {
    return ErrorAt({&source, Place::kWhole},
                   absl::StrCat(source.text.size(), " bytes; a spec has at most ", kMaxSpecBytes,
                                ". Is this another kind of file?"));
  }
  return CheckBytes(source);
}

}  // namespace

absl::StatusOr<std::vector<Field>> ParseTree(const Source& source) {
  SSNAS_RETURN_IF_ERROR(CheckText(source));
  return Parser(source, 0).WholeText();
}

absl::StatusOr<std::vector<Field>> ParseValue(const Source& source, size_t offset,
                                              const Field& field) {
  SSNAS_RETURN_IF_ERROR(CheckText(source));
  return Parser(source, offset).WholeValue(field);
}

}  // namespace ssnas
