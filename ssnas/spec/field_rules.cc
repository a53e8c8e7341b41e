#include "ssnas/spec/field_rules.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <system_error>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "ssnas/core/config_rules.h"
#include "ssnas/core/registry.h"
#include "ssnas/core/utf8.h"

namespace ssnas {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::EnumDescriptor;
using ::google::protobuf::EnumValueDescriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;

std::vector<std::string> EnumNames(const EnumDescriptor& type) {
  std::vector<std::string> names;
  for (int i = 0; i < type.value_count(); ++i) names.push_back(type.value(i)->name());
  return names;
}

std::string Got(const Value& value) {
  switch (value.kind) {
    case Value::Kind::kNumber:
      return Shown(value.text);
    case Value::Kind::kWord:
      return absl::StrCat("'", Shown(value.text), "'");
    case Value::Kind::kString:
      return absl::StrCat("\"", Shown(value.text), "\"");
    case Value::Kind::kMessage:
      return "a message { … }";
    case Value::Kind::kEmptyList:
      return "a list";
  }
  return "";
}

// Decimal, 0x… or, as in C, octal with a leading 0.
template <typename Integer>
std::optional<Integer> ParseInteger(absl::string_view text) {
  std::string digits = absl::ConsumePrefix(&text, "-") ? "-" : "";
  int base = 10;
  if (absl::ConsumePrefix(&text, "0x") || absl::ConsumePrefix(&text, "0X")) {
    base = 16;
  } else if (text.size() > 1 && text[0] == '0') {
    base = 8;
  }
  absl::StrAppend(&digits, text);
  Integer value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value, base);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

std::optional<double> ParseNumber(absl::string_view text) {
  absl::string_view digits = text;
  if (digits.size() > 1 && (digits.back() == 'f' || digits.back() == 'F')) digits.remove_suffix(1);
  double value = 0;
  if (!absl::SimpleAtod(digits, &value) || !std::isfinite(value)) return std::nullopt;
  return value;
}

template <typename Integer, typename Set>
bool SetInteger(const Field& given, const FieldDescriptor& field, Set set) {
  if (given.value.kind != Value::Kind::kNumber) return false;
  const std::optional<Integer> value = ParseInteger<Integer>(given.value.text);
  if (!value.has_value() || !InRange(RuleOf(field), static_cast<double>(*value))) return false;
  set(*value);
  return true;
}

bool SetNumber(const Field& given, const FieldDescriptor& field, Message* message) {
  if (given.value.kind != Value::Kind::kNumber) return false;
  const std::optional<double> value = ParseNumber(given.value.text);
  if (!value.has_value() || !InRange(RuleOf(field), *value)) return false;
  const auto& reflection = *message->GetReflection();
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE) {
    field.is_repeated() ? reflection.AddDouble(message, &field, *value)
                        : reflection.SetDouble(message, &field, *value);
    return true;
  }
  const float narrow = static_cast<float>(*value);
  if (!std::isfinite(narrow)) return false;
  field.is_repeated() ? reflection.AddFloat(message, &field, narrow)
                      : reflection.SetFloat(message, &field, narrow);
  return true;
}

bool SetBool(const Field& given, const FieldDescriptor& field, Message* message) {
  const std::string& text = given.value.text;
  if (given.value.kind != Value::Kind::kWord && given.value.kind != Value::Kind::kNumber)
    return false;
  const bool is_true = text == "true" || text == "True" || text == "t" || text == "1";
  const bool is_false = text == "false" || text == "False" || text == "f" || text == "0";
  if (!is_true && !is_false) return false;
  const auto& reflection = *message->GetReflection();
  field.is_repeated() ? reflection.AddBool(message, &field, is_true)
                      : reflection.SetBool(message, &field, is_true);
  return true;
}

bool SetString(const Field& given, const FieldDescriptor& field, Message* message) {
  // A shell takes the quotes away, so that --set does without.
  const bool unquoted =
      given.value.place.source->kind == Source::Kind::kSet &&
      (given.value.kind == Value::Kind::kWord || given.value.kind == Value::Kind::kNumber);
  if (given.value.kind != Value::Kind::kString && !unquoted) return false;
  if (field.type() == FieldDescriptor::TYPE_STRING && !IsUtf8(given.value.text)) return false;
  const auto& reflection = *message->GetReflection();
  field.is_repeated() ? reflection.AddString(message, &field, given.value.text)
                      : reflection.SetString(message, &field, given.value.text);
  return true;
}

absl::Status SetEnum(const Field& given, const FieldDescriptor& field, const std::string& path,
                     Message* message) {
  if (given.value.kind != Value::Kind::kWord) return WrongValue(given, field, path);
  const EnumValueDescriptor* value = field.enum_type()->FindValueByName(given.value.text);
  if (value == nullptr) {
    const std::string name = Shown(given.value.text);
    const std::vector<std::string> all = EnumNames(*field.enum_type());
    const std::string nearest = NearestName(name, all);
    return ErrorAt(
        given.value.place,
        absl::StrCat("no value '", name, "' for ", path,
                     nearest.empty() ? "." : absl::StrCat("; did you mean '", nearest, "'?"),
                     " All ", all.size(), ": ", absl::StrJoin(all, ", "), "."));
  }
  const auto& reflection = *message->GetReflection();
  field.is_repeated() ? reflection.AddEnum(message, &field, value)
                      : reflection.SetEnum(message, &field, value);
  return absl::OkStatus();
}

bool SetIntegerField(const Field& given, const FieldDescriptor& field, Message* message) {
  const auto& reflection = *message->GetReflection();
  const bool repeated = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return SetInteger<int32_t>(given, field, [&](int32_t value) {
        repeated ? reflection.AddInt32(message, &field, value)
                 : reflection.SetInt32(message, &field, value);
      });
    case FieldDescriptor::CPPTYPE_INT64:
      return SetInteger<int64_t>(given, field, [&](int64_t value) {
        repeated ? reflection.AddInt64(message, &field, value)
                 : reflection.SetInt64(message, &field, value);
      });
    case FieldDescriptor::CPPTYPE_UINT32:
      return SetInteger<uint32_t>(given, field, [&](uint32_t value) {
        repeated ? reflection.AddUInt32(message, &field, value)
                 : reflection.SetUInt32(message, &field, value);
      });
    default:
      return SetInteger<uint64_t>(given, field, [&](uint64_t value) {
        repeated ? reflection.AddUInt64(message, &field, value)
                 : reflection.SetUInt64(message, &field, value);
      });
  }
}

}  // namespace

std::string Expected(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return "true or false";
    case FieldDescriptor::CPPTYPE_ENUM:
      return absl::StrCat("one of ", absl::StrJoin(EnumNames(*field.enum_type()), ", "));
    case FieldDescriptor::CPPTYPE_STRING:
      return "a string in quotes";
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return "a message { … }";
    default:
      return ExpectedNumber(field);
  }
}

std::string TypeName(const FieldDescriptor& field) {
  if (field.message_type() != nullptr) return field.message_type()->full_name();
  if (field.enum_type() != nullptr) return field.enum_type()->full_name();
  return field.type_name();
}

std::string NoSuchField(absl::string_view name, const Descriptor& message) {
  std::vector<std::string> all;
  for (int i = 0; i < message.field_count(); ++i) all.push_back(message.field(i)->name());
  const std::string shown = Shown(name);
  const std::string nearest = NearestName(shown, all);
  const std::string what = absl::StrCat("no field '", shown, "' in ", message.full_name());
  if (!nearest.empty()) return absl::StrCat(what, "; did you mean '", nearest, "'?");
  if (all.empty()) return absl::StrCat(what, ", which has no fields.");
  return absl::StrCat(what, ". It has: ", absl::StrJoin(all, ", "), ".");
}

absl::Status WrongValue(const Field& given, const FieldDescriptor& field, const std::string& path) {
  return ErrorAt(given.value.place,
                 absl::StrCat("expected ", Expected(field), " for ", path, " (", TypeName(field),
                              "); got ", Got(given.value), "."));
}

absl::Status SetScalar(const Field& given, const FieldDescriptor& field, const std::string& path,
                       Message* message) {
  bool set = false;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_ENUM:
      return SetEnum(given, field, path, message);
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      set = SetNumber(given, field, message);
      break;
    case FieldDescriptor::CPPTYPE_BOOL:
      set = SetBool(given, field, message);
      break;
    case FieldDescriptor::CPPTYPE_STRING:
      set = SetString(given, field, message);
      break;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
    default:
      set = SetIntegerField(given, field, message);
      break;
  }
  return set ? absl::OkStatus() : WrongValue(given, field, path);
}

}  // namespace ssnas
