// The ranges that protos write beside their fields (ssnas.rule, ssnas/proto/options.proto): read,
// checked and put in words. No other place holds a range.
//
// Example: configs that did not come through the spec loader are checked by
//   SSNAS_RETURN_IF_ERROR(CheckRules("flip", config));
//   // "flip: probability 2; give a number from 0 to 1"
#ifndef SSNAS_CORE_CONFIG_RULES_H_
#define SSNAS_CORE_CONFIG_RULES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "ssnas/proto/options.pb.h"

namespace ssnas {

const FieldRule& RuleOf(const google::protobuf::FieldDescriptor& field);

// Neither below nor above what the rule allows; no NaN where there is a bound.
bool InRange(const FieldRule& rule, double value);

// What a field of numbers takes: "an integer from 1 to 4,096", "a number above 0 and at most 1".
std::string ExpectedNumber(const google::protobuf::FieldDescriptor& field);

// InvalidArgument for the first number (of repeated fields: element) outside its range, or not
// finite.
absl::Status CheckRules(absl::string_view plugin, const google::protobuf::Message& config);

}  // namespace ssnas

#endif  // SSNAS_CORE_CONFIG_RULES_H_
