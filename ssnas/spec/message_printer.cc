#include "ssnas/spec/message_printer.h"

#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/any.pb.h"
#include "google/protobuf/text_format.h"

namespace ssnas {
namespace {

using ::google::protobuf::Any;
using ::google::protobuf::DescriptorPool;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::MessageFactory;
using ::google::protobuf::Reflection;

// The message in an Any, or null where its type is not linked in or its bytes do not parse.
std::unique_ptr<Message> Unpack(const Any& any) {
  const std::string type = any.type_url().substr(any.type_url().rfind('/') + 1);
  const auto* descriptor = DescriptorPool::generated_pool()->FindMessageTypeByName(type);
  if (descriptor == nullptr) return nullptr;
  const Message* prototype = MessageFactory::generated_factory()->GetPrototype(descriptor);
  std::unique_ptr<Message> message(prototype->New());
  return message->ParseFromString(any.value()) ? std::move(message) : nullptr;
}

class Printer {
 public:
  explicit Printer(const FieldComment& comment) : comment_(comment) {}

  void Print(const Message& message, int indent) {
    if (message.GetDescriptor() == Any::descriptor() && PrintAny(static_cast<const Any&>(message), indent)) {
      return;
    }
    const Reflection& reflection = *message.GetReflection();
    for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
      const FieldDescriptor& field = *message.GetDescriptor()->field(i);
      if (field.is_repeated()) {
        const int size = reflection.FieldSize(message, &field);
        for (int k = 0; k < size; ++k) PrintField(message, field, k, indent);
      } else if (reflection.HasField(message, &field)) {
        PrintField(message, field, -1, indent);
      }
    }
  }

  std::string Take() { return std::move(text_); }

 private:
  void Line(int indent, absl::string_view line) {
    absl::StrAppend(&text_, std::string(static_cast<size_t>(indent), ' '), line, "\n");
  }

  bool PrintAny(const Any& any, int indent) {
    const std::unique_ptr<Message> message = Unpack(any);
    if (message == nullptr) return false;
    Line(indent, absl::StrCat("[", any.type_url(), "] {"));
    Print(*message, indent + 2);
    Line(indent, "}");
    return true;
  }

  // `index` is -1 for singular fields.
  void PrintField(const Message& message, const FieldDescriptor& field, int index, int indent) {
    if (comment_ && index <= 0) {
      const std::string comment = comment_(field);
      if (!comment.empty()) {
        for (absl::string_view line : absl::StrSplit(comment, '\n')) Line(indent, absl::StrCat("# ", line));
      }
    }
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      const Reflection& reflection = *message.GetReflection();
      const Message& child = index < 0 ? reflection.GetMessage(message, &field)
                                       : reflection.GetRepeatedMessage(message, &field, index);
      Line(indent, absl::StrCat(field.name(), " {"));
      Print(child, indent + 2);
      Line(indent, "}");
      return;
    }
    std::string value;
    google::protobuf::TextFormat::Printer printer;
    printer.SetUseUtf8StringEscaping(true);
    printer.PrintFieldValueToString(message, &field, index, &value);
    Line(indent, absl::StrCat(field.name(), ": ", value));
  }

  const FieldComment& comment_;
  std::string text_;
};

}  // namespace

std::string PrintMessage(const Message& message, int indent, const FieldComment& comment) {
  Printer printer(comment);
  printer.Print(message, indent);
  return printer.Take();
}

}  // namespace ssnas
