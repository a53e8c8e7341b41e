#include "ssnas/objectives/checks.h"

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "ssnas/proto/options.pb.h"

namespace ssnas {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The field's value, unless it is no number.
std::optional<double> Number(const Message& config, const FieldDescriptor* field) {
  const google::protobuf::Reflection& fields = *config.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return fields.GetInt32(config, field);
    case FieldDescriptor::CPPTYPE_INT64:
      return static_cast<double>(fields.GetInt64(config, field));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return fields.GetFloat(config, field);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return fields.GetDouble(config, field);
    default:
      return std::nullopt;
  }
}

bool Keeps(double value, const FieldRule& rule) {
  return value == value && (!rule.has_min() || value >= rule.min()) &&
         (!rule.has_max() || value <= rule.max()) && (!rule.has_above() || value > rule.above());
}

std::string Wanted(const FieldRule& rule) {
  std::string wanted = "give a number";
  if (rule.has_above()) absl::StrAppend(&wanted, " above ", rule.above());
  if (rule.has_min()) absl::StrAppend(&wanted, " from ", rule.min());
  if (rule.has_max()) absl::StrAppend(&wanted, rule.has_above() ? " up to " : " to ", rule.max());
  return wanted;
}

}  // namespace

absl::Status CheckConfig(absl::string_view name, const Message& config) {
  const google::protobuf::Descriptor& type = *config.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    const std::optional<double> value = Number(config, field);
    const FieldRule& rule = field->options().GetExtension(ssnas::rule);
    if (!value.has_value() || Keeps(*value, rule)) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": ", field->name(), " is ", *value, "; ", Wanted(rule)));
  }
  return absl::OkStatus();
}

absl::Status CheckContext(absl::string_view name, const ObjectiveContext& context) {
  if (context.representation_size >= 1) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(name, " stands on a representation of 1 or more features, not ",
                   context.representation_size));
}

template <typename T>
absl::Status CheckArgs(absl::string_view name, const Objective& objective,
                       const ObjectiveContext& context, const ObjectiveArgs<T>& args) {
  const int64_t views = objective.Views();
  if (args.rows < 1 || args.rows % views != 0) {
    return absl::InvalidArgumentError(absl::StrCat(name, " takes ", views,
                                                   views == 1 ? " row" : " views",
                                                   " of each image, not ", args.rows, " rows"));
  }
  const int64_t labels = static_cast<int64_t>(args.labels.size());
  const int64_t wanted = objective.UsesLabels() ? args.rows / views : 0;
  if (labels != wanted) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, " takes ", wanted, " labels for ", args.rows, " rows, not ", labels));
  }
  for (const int32_t label : args.labels) {
    if (label >= 0 && label < context.num_classes) continue;
    return absl::InvalidArgumentError(absl::StrCat(name, ": label ", label, " is not among the ",
                                                   context.num_classes, " classes"));
  }
  if (args.auxiliary != nullptr && context.auxiliary_size < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, " was given auxiliary rows of a network without an auxiliary head"));
  }
  return absl::OkStatus();
}

template absl::Status CheckArgs<float>(absl::string_view, const Objective&, const ObjectiveContext&,
                                       const ObjectiveArgs<float>&);
template absl::Status CheckArgs<double>(absl::string_view, const Objective&,
                                        const ObjectiveContext&, const ObjectiveArgs<double>&);

}  // namespace ssnas
