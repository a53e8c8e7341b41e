// Messages as textproto, one field a line, with a comment before each field where one is asked for.
//
// An Any of a type that is linked in is printed as [type.googleapis.com/TYPE] { … }. Equal messages make
// equal text.
#ifndef SSNAS_SPEC_MESSAGE_PRINTER_H_
#define SSNAS_SPEC_MESSAGE_PRINTER_H_

#include <functional>
#include <string>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace ssnas {

// What stands before a field: lines without '#', or "" for none.
using FieldComment = std::function<std::string(const google::protobuf::FieldDescriptor&)>;

// Every line starts with `indent` spaces. `comment` may be null.
std::string PrintMessage(const google::protobuf::Message& message, int indent,
                         const FieldComment& comment);

}  // namespace ssnas

#endif  // SSNAS_SPEC_MESSAGE_PRINTER_H_
