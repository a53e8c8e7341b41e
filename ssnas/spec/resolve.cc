#include "ssnas/spec/resolve.h"

#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/any.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "ssnas/core/config_rules.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/registry.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/spec/field_rules.h"
#include "ssnas/spec/spec.h"

namespace ssnas {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::Reflection;

// Equal messages to equal bytes, also where they hold maps.
std::string DeterministicBytes(const Message& message) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializePartialToCodedStream(&coded);
  }
  return bytes;
}

absl::Status ResolvePlugin(const std::string& kind, PluginSpec* plugin) {
  const PluginTable* table = PluginTable::OfKind(kind);
  if (table == nullptr) return absl::OkStatus();
  SSNAS_ASSIGN_OR_RETURN(const std::unique_ptr<Message> config, table->ResolveConfig(*plugin));
  SSNAS_RETURN_IF_ERROR(ResolveMessage(config.get()));
  plugin->mutable_config()->set_type_url("type.googleapis.com/" + config->GetTypeName());
  plugin->mutable_config()->set_value(DeterministicBytes(*config));
  return absl::OkStatus();
}

// Gives a field its default explicitly. Strings and such without a default of their own stay unset.
void SetDefault(const FieldDescriptor& field, Message* message) {
  if (!field.has_default_value()) return;
  const Reflection& reflection = *message->GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection.SetInt32(message, &field, field.default_value_int32());
    case FieldDescriptor::CPPTYPE_INT64:
      return reflection.SetInt64(message, &field, field.default_value_int64());
    case FieldDescriptor::CPPTYPE_UINT32:
      return reflection.SetUInt32(message, &field, field.default_value_uint32());
    case FieldDescriptor::CPPTYPE_UINT64:
      return reflection.SetUInt64(message, &field, field.default_value_uint64());
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return reflection.SetDouble(message, &field, field.default_value_double());
    case FieldDescriptor::CPPTYPE_FLOAT:
      return reflection.SetFloat(message, &field, field.default_value_float());
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.SetBool(message, &field, field.default_value_bool());
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection.SetEnum(message, &field, field.default_value_enum());
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection.SetString(message, &field, field.default_value_string());
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return;
  }
}

// A section of an experiment makes a stage run, so that one left out stays out; all other messages
// are settings.
bool StaysAbsent(const FieldDescriptor& field) {
  if (field.message_type() == PluginSpec::descriptor()) return true;
  if (field.message_type() == google::protobuf::Any::descriptor()) return true;
  return field.containing_type() == ExperimentSpec::descriptor() &&
         field.message_type() != RuntimeSpec::descriptor();
}

absl::Status ResolveChild(const FieldDescriptor& field, Message* child) {
  if (child->GetDescriptor() != PluginSpec::descriptor()) return ResolveMessage(child);
  return ResolvePlugin(RuleOf(field).plugin(), static_cast<PluginSpec*>(child));
}

}  // namespace

absl::Status ResolveMessage(Message* message) {
  const Reflection& reflection = *message->GetReflection();
  for (int i = 0; i < message->GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *message->GetDescriptor()->field(i);
    const bool is_message = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    if (field.is_repeated()) {
      for (int k = 0; is_message && k < reflection.FieldSize(*message, &field); ++k) {
        SSNAS_RETURN_IF_ERROR(
            ResolveChild(field, reflection.MutableRepeatedMessage(message, &field, k)));
      }
    } else if (!is_message) {
      if (!reflection.HasField(*message, &field)) SetDefault(field, message);
    } else if (reflection.HasField(*message, &field) || !StaysAbsent(field)) {
      SSNAS_RETURN_IF_ERROR(ResolveChild(field, reflection.MutableMessage(message, &field)));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<ExperimentSpec> ResolveSpec(const ExperimentSpec& spec) {
  ExperimentSpec resolved = spec;
  if (absl::Status status = ResolveMessage(&resolved); !status.ok()) {
    return InArea(ErrorArea::kUser, std::move(status));
  }
  return resolved;
}

}  // namespace ssnas
