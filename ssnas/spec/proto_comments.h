// The comments that stand before fields and messages in the protos, which descriptors do not keep.
//
// They are in descriptor sets that are linked in (embedded_file.h); a proto without one has no
// comments.
#ifndef SSNAS_SPEC_PROTO_COMMENTS_H_
#define SSNAS_SPEC_PROTO_COMMENTS_H_

#include <functional>
#include <map>
#include <string>

#include "google/protobuf/descriptor.h"

namespace ssnas {

class ProtoComments {
 public:
  ProtoComments();

  // Lines joined by spaces; "" for none.
  std::string Of(const google::protobuf::FieldDescriptor& field) const;
  std::string Of(const google::protobuf::Descriptor& message) const;

  // The field's comment (else its message type's), its range and default: "Images a step. An
  // integer from 1 to 65,536; default 64."
  std::string Describe(const google::protobuf::FieldDescriptor& field) const;

 private:
  std::map<std::string, std::string, std::less<>> comments_;  // by full name
};

// "an integer from 1 to 65,536; default 64", "list of …", "required".
std::string DescribeType(const google::protobuf::FieldDescriptor& field);

// The default as in a textproto, "" where the field has none of its own.
std::string DefaultText(const google::protobuf::FieldDescriptor& field);

}  // namespace ssnas

#endif  // SSNAS_SPEC_PROTO_COMMENTS_H_
