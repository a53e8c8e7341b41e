#include "ssnas/spec/message_printer.h"

#include <algorithm>
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

constexpr size_t kColumns = 100;

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
    if (message.GetDescriptor() == Any::descriptor() &&
        PrintAny(static_cast<const Any&>(message), indent)) {
      return;
    }
    for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
      PrintOneOrMany(message, *message.GetDescriptor()->field(i), indent);
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

  void PrintOneOrMany(const Message& message, const FieldDescriptor& field, int indent) {
    const Reflection& reflection = *message.GetReflection();
    if (field.is_repeated()) {
      const int size = reflection.FieldSize(message, &field);
      const size_t begin = text_.size();
      std::vector<std::string> elements;
      for (int k = 0; k < size; ++k) {
        PrintField(message, field, k, indent);
        if (!field.is_map()) continue;
        elements.push_back(text_.substr(begin));
        text_.resize(begin);
      }
      // A map's entries come in an order of their own in every process.
      std::sort(elements.begin(), elements.end());
      for (const std::string& element : elements) text_ += element;
      if (size > 0) return;
    } else if (reflection.HasField(message, &field)) {
      return PrintField(message, field, -1, indent);
    }
    if (!comment_) return;
    Comment(field, -1, nullptr, indent);
    Line(indent,
         absl::StrCat("# ", field.name(), field.message_type() ? " { … }" : ": …", " is not set"));
  }

  void Comment(const FieldDescriptor& field, int index, const Message* child, int indent) {
    if (!comment_) return;
    for (const std::string& paragraph : comment_(field, index, child)) {
      std::string line(1, '#');
      for (absl::string_view word : absl::StrSplit(paragraph, ' ', absl::SkipEmpty())) {
        if (line.size() + word.size() >= kColumns - static_cast<size_t>(indent)) {
          Line(indent, line);
          line.resize(1);
        }
        absl::StrAppend(&line, " ", word);
      }
      if (line.size() > 1) Line(indent, line);
    }
  }

  // `index` is −1 for singular fields.
  void PrintField(const Message& message, const FieldDescriptor& field, int index, int indent) {
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      const Reflection& reflection = *message.GetReflection();
      const Message& child = index < 0 ? reflection.GetMessage(message, &field)
                                       : reflection.GetRepeatedMessage(message, &field, index);
      Comment(field, index, &child, indent);
      Line(indent, absl::StrCat(field.name(), " {"));
      Print(child, indent + 2);
      Line(indent, "}");
      return;
    }
    Comment(field, index, nullptr, indent);
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
