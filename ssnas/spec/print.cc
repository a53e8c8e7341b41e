#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ssnas/core/config_rules.h"
#include "ssnas/core/registry.h"
#include "ssnas/spec/field_rules.h"
#include "ssnas/spec/message_printer.h"
#include "ssnas/spec/proto_comments.h"
#include "ssnas/spec/spec.h"

namespace ssnas {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;

// "none: No connection: zero", for the plugin that a field names.
std::string PluginSummary(const FieldDescriptor& field, const Message& child) {
  const PluginTable* table = PluginTable::OfKind(RuleOf(field).plugin());
  if (table == nullptr || child.GetDescriptor() != PluginSpec::descriptor()) return "";
  const auto facts = table->Find(static_cast<const PluginSpec&>(child).name());
  return facts.ok() ? absl::StrCat((*facts)->summary, ".") : "";
}

}  // namespace

std::string PrintSpec(const ExperimentSpec& spec, bool comments) {
  if (!comments) return PrintMessage(spec, 0, nullptr);
  ProtoComments protos;
  const auto comment = [&](const FieldDescriptor& field, int index, const Message* child) {
    std::vector<std::string> paragraphs;
    // What every plugin has need not be said of each.
    if (field.containing_type() == PluginSpec::descriptor()) return paragraphs;
    if (field.containing_type()->options().map_entry()) return paragraphs;
    if (index <= 0) paragraphs.push_back(protos.Describe(field));
    if (child != nullptr) paragraphs.push_back(PluginSummary(field, *child));
    return paragraphs;
  };
  return absl::StrCat(
      "# proto-file: ssnas/proto/experiment.proto\n# proto-message: ssnas.ExperimentSpec\n\n",
      PrintMessage(spec, 0, comment));
}

}  // namespace ssnas
