#include "ssnas/spec/proto_comments.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/descriptor.pb.h"
#include "ssnas/core/config_rules.h"
#include "ssnas/core/readable.h"
#include "ssnas/spec/embedded_file.h"
#include "ssnas/spec/field_rules.h"

namespace ssnas {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::DescriptorProto;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::FileDescriptorProto;
using ::google::protobuf::FileDescriptorSet;

// " First line\n second line\n" → "First line second line".
std::string OneLine(absl::string_view comment) {
  std::vector<absl::string_view> lines = absl::StrSplit(comment, '\n', absl::SkipWhitespace());
  for (absl::string_view& line : lines) line = absl::StripAsciiWhitespace(line);
  return absl::StrJoin(lines, " ");
}

// The full name of the message, or of the field or enum in one, at a path of
// google.protobuf.SourceCodeInfo; "" for anything else.
std::string NameAt(const FileDescriptorProto& file,
                   const google::protobuf::RepeatedField<int>& path) {
  if (path.size() < 2 || path[0] != FileDescriptorProto::kMessageTypeFieldNumber) return "";
  const DescriptorProto* message = &file.message_type(path[1]);
  std::string name =
      absl::StrCat(file.package(), file.package().empty() ? "" : ".", message->name());
  for (int i = 2; i + 1 < path.size(); i += 2) {
    if (path[i] == DescriptorProto::kNestedTypeFieldNumber) {
      message = &message->nested_type(path[i + 1]);
      absl::StrAppend(&name, ".", message->name());
    } else if (path[i] == DescriptorProto::kFieldFieldNumber && i + 2 == path.size()) {
      return absl::StrCat(name, ".", message->field(path[i + 1]).name());
    } else if (path[i] == DescriptorProto::kEnumTypeFieldNumber && i + 2 == path.size()) {
      return absl::StrCat(name, ".", message->enum_type(path[i + 1]).name());
    } else {
      return "";
    }
  }
  return path.size() % 2 == 0 ? name : "";
}

std::string Sentence(std::string text) {
  if (text.empty()) return text;
  text[0] = absl::ascii_toupper(text[0]);
  return absl::StrCat(text, ".");
}

}  // namespace

ProtoComments::ProtoComments() {
  for (const auto& [path, bytes] : EmbeddedFiles()) {
    if (!absl::EndsWith(path, ".source_info.bin")) continue;
    FileDescriptorSet set;
    // Made by the build; what does not parse has no comments to show.
    if (!set.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) continue;
    for (const FileDescriptorProto& file : set.file()) {
      for (const auto& location : file.source_code_info().location()) {
        const std::string name = NameAt(file, location.path());
        const std::string comment =
            OneLine(absl::StrCat(location.leading_comments(), "\n", location.trailing_comments()));
        if (!name.empty() && !comment.empty()) comments_[name] = comment;
      }
    }
  }
}

std::string ProtoComments::Of(const std::string& name) const {
  const auto it = comments_.find(name);
  return it == comments_.end() ? "" : it->second;
}

std::string ProtoComments::Of(const FieldDescriptor& field) const {
  const std::string comment = Of(field.full_name());
  return comment.empty() && field.enum_type() != nullptr ? Of(field.enum_type()->full_name())
                                                         : comment;
}

std::string ProtoComments::Of(const Descriptor& message) const { return Of(message.full_name()); }

std::string ProtoComments::Describe(const FieldDescriptor& field) const {
  std::string text = Of(field);
  if (text.empty() && field.message_type() != nullptr) text = Of(*field.message_type());
  if (field.message_type() != nullptr) return text;
  return absl::StrCat(text, text.empty() ? "" : " ", Sentence(DescribeType(field)));
}

std::string DefaultText(const FieldDescriptor& field) {
  if (!field.has_default_value()) return "";
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) return field.default_value_enum()->name();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return Readable(field.default_value_double());
    case FieldDescriptor::CPPTYPE_FLOAT:
      return Readable(static_cast<double>(field.default_value_float()));
    case FieldDescriptor::CPPTYPE_INT32:
      return Readable(field.default_value_int32());
    case FieldDescriptor::CPPTYPE_UINT32:
      return Readable(field.default_value_uint32());
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(field.default_value_int64());
    case FieldDescriptor::CPPTYPE_UINT64:
      return absl::StrCat(field.default_value_uint64());
    case FieldDescriptor::CPPTYPE_BOOL:
      return field.default_value_bool() ? "true" : "false";
    default:
      return absl::StrCat("\"", field.default_value_string(), "\"");
  }
}

std::string DescribeType(const FieldDescriptor& field) {
  std::string text = absl::StrCat(field.is_repeated() ? "list; each " : "", Expected(field));
  if (RuleOf(field).required()) absl::StrAppend(&text, "; must be given");
  if (field.has_default_value()) absl::StrAppend(&text, "; default ", DefaultText(field));
  return text;
}

}  // namespace ssnas
