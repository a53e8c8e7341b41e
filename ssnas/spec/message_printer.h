// Messages as textproto, one field a line, with comments where they are asked for.
//
// An Any of a type that is linked in is printed as [type.googleapis.com/TYPE] { … }. Equal messages
// make equal text, which parses back to the same message.
#ifndef SSNAS_SPEC_MESSAGE_PRINTER_H_
#define SSNAS_SPEC_MESSAGE_PRINTER_H_

#include <functional>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace ssnas {

// What is said of a field, in paragraphs. `index` is its place in a list, −1 for a field
// that is not a list; `child` the message that it is, null for others and for one that is not set.
using FieldComment =
    std::function<std::vector<std::string>(const google::protobuf::FieldDescriptor& field,
                                           int index, const google::protobuf::Message* child)>;

// Every line starts with `indent` spaces. Without `comment` there are no comments; with it, fields
// that are not set are shown too, as a comment.
std::string PrintMessage(const google::protobuf::Message& message, int indent,
                         const FieldComment& comment);

}  // namespace ssnas

#endif  // SSNAS_SPEC_MESSAGE_PRINTER_H_
