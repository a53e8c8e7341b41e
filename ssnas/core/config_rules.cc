#include "ssnas/core/config_rules.h"

#include <cmath>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "ssnas/core/readable.h"

namespace ssnas {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Element `index` of a repeated field, or the value of another one; nothing for what is no number.
std::optional<double> Number(const Message& config, const FieldDescriptor* field, int index) {
  const google::protobuf::Reflection& values = *config.GetReflection();
  const bool repeated = field->is_repeated();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return repeated ? values.GetRepeatedInt32(config, field, index)
                      : values.GetInt32(config, field);
    case FieldDescriptor::CPPTYPE_INT64:
      return repeated ? values.GetRepeatedInt64(config, field, index)
                      : values.GetInt64(config, field);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return repeated ? values.GetRepeatedDouble(config, field, index)
                      : values.GetDouble(config, field);
    default:
      return std::nullopt;
  }
}

bool IsInteger(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
      return true;
    default:
      return false;
  }
}

bool IsUnsigned(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_UINT32 ||
         field.cpp_type() == FieldDescriptor::CPPTYPE_UINT64;
}

std::string Range(const FieldDescriptor& field) {
  const FieldRule& rule = RuleOf(field);
  std::string lower;
  if (rule.has_above()) {
    lower = absl::StrCat(" above ", Readable(rule.above()));
  } else if (rule.has_min() && rule.has_max()) {
    return absl::StrCat(" from ", Readable(rule.min()), " to ", Readable(rule.max()));
  } else if (rule.has_min() || IsUnsigned(field)) {
    lower = absl::StrCat(" of at least ", Readable(rule.min()));
  }
  if (!rule.has_max()) return lower;
  return absl::StrCat(lower, lower.empty() ? " of" : " and", " at most ", Readable(rule.max()));
}

}  // namespace

const FieldRule& RuleOf(const FieldDescriptor& field) { return field.options().GetExtension(rule); }

bool InRange(const FieldRule& rule, double value) {
  return (!rule.has_min() || value >= rule.min()) && (!rule.has_max() || value <= rule.max()) &&
         (!rule.has_above() || value > rule.above());
}

std::string ExpectedNumber(const FieldDescriptor& field) {
  return absl::StrCat(IsInteger(field) ? "an integer" : "a number", Range(field));
}

absl::Status CheckRules(absl::string_view plugin, const Message& config) {
  const google::protobuf::Descriptor& type = *config.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    const int count = field->is_repeated() ? config.GetReflection()->FieldSize(config, field) : 1;
    for (int j = 0; j < count; ++j) {
      const std::optional<double> value = Number(config, field, j);
      if (!value.has_value() || (std::isfinite(*value) && InRange(RuleOf(*field), *value)))
        continue;
      return absl::InvalidArgumentError(absl::StrCat(plugin, ": ", field->name(), " ", *value,
                                                     "; give ", ExpectedNumber(*field)));
    }
  }
  return absl::OkStatus();
}

}  // namespace ssnas
