#include "ssnas/datasets/config_rules.h"

#include <cmath>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "ssnas/proto/options.pb.h"

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

bool Keeps(const FieldRule& rule, double value) {
  return std::isfinite(value) && !(rule.has_min() && value < rule.min()) &&
         !(rule.has_max() && value > rule.max()) && !(rule.has_above() && value <= rule.above());
}

std::string RangeText(const FieldRule& rule) {
  std::string text;
  if (rule.has_above()) absl::StrAppend(&text, "more than ", rule.above());
  if (rule.has_min()) absl::StrAppend(&text, rule.has_max() ? "" : "at least ", rule.min());
  if (rule.has_max()) {
    absl::StrAppend(&text, rule.has_min() ? " to " : rule.has_above() ? ", at most " : "at most ",
                    rule.max());
  }
  return text.empty() ? "a finite number" : text;
}

}  // namespace

absl::Status CheckRules(absl::string_view plugin, const Message& config) {
  const google::protobuf::Descriptor& type = *config.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    const FieldRule& rule = field->options().GetExtension(ssnas::rule);
    const int count = field->is_repeated() ? config.GetReflection()->FieldSize(config, field) : 1;
    for (int j = 0; j < count; ++j) {
      const std::optional<double> value = Number(config, field, j);
      if (!value.has_value() || Keeps(rule, *value)) continue;
      return absl::InvalidArgumentError(
          absl::StrCat(plugin, ": ", field->name(), " ", *value, "; give ", RangeText(rule)));
    }
  }
  return absl::OkStatus();
}

}  // namespace ssnas
