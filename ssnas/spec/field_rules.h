// What a field takes, from its descriptor and its rule (ssnas/proto/options.proto), checked and in
// words.
//
//   expected an integer from 1 to 10,000,000 for search.steps (int64); got 'ten'.
#ifndef SSNAS_SPEC_FIELD_RULES_H_
#define SSNAS_SPEC_FIELD_RULES_H_

#include <string>

#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "ssnas/spec/tree.h"

namespace ssnas {

// "an integer from 1 to 100", "a number above 0 and at most 1,000", "true or false", "one of EPOCH,
// STEP", "a string in quotes", "a message { … }".
std::string Expected(const google::protobuf::FieldDescriptor& field);

// "int64", "ssnas.SgdSpec"; repeated fields give their element's.
std::string TypeName(const google::protobuf::FieldDescriptor& field);

// Reads `given.value` as one scalar or enum value of `field` and sets it (or adds it) in `message`.
// `path` names the field in errors: "search.seeds[1]".
absl::Status SetScalar(const Field& given, const google::protobuf::FieldDescriptor& field,
                       const std::string& path, google::protobuf::Message* message);

// The error of SetScalar for a value of the wrong kind.
absl::Status WrongValue(const Field& given, const google::protobuf::FieldDescriptor& field,
                        const std::string& path);

// "no field 'temprature' in ssnas.NtXentConfig; did you mean 'temperature'?"
std::string NoSuchField(absl::string_view name, const google::protobuf::Descriptor& message);

}  // namespace ssnas

#endif  // SSNAS_SPEC_FIELD_RULES_H_
