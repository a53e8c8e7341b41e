#include "ssnas/report/read_spec.h"

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/empty.pb.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"

namespace ssnas::report {
namespace {

using google::protobuf::TextFormat;

// Reads a config of unknown type as an empty message with unknown fields.
class AnyTypes : public TextFormat::Finder {
 public:
  const google::protobuf::Descriptor* FindAnyType(const google::protobuf::Message& message,
                                                  const std::string& prefix,
                                                  const std::string& name) const override {
    const auto* known = TextFormat::Finder::FindAnyType(message, prefix, name);
    return known != nullptr ? known : google::protobuf::Empty::descriptor();
  }
};

class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, google::protobuf::io::ColumnNumber column,
                const std::string& message) override {
    if (text_.empty()) text_ = absl::StrCat(line + 1, ":", column + 1, ": ", message);
  }
  void AddWarning(int, google::protobuf::io::ColumnNumber, const std::string&) override {}

  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace

std::optional<ExperimentSpec> ParseRunSpec(const std::string& text, Problems* problems) {
  AnyTypes types;
  FirstError error;
  TextFormat::Parser parser;
  parser.SetFinder(&types);
  parser.RecordErrorsTo(&error);
  parser.AllowUnknownField(true);
  parser.AllowUnknownExtension(true);
  parser.AllowPartialMessage(true);
  parser.SetRecursionLimit(32);
  ExperimentSpec spec;
  if (parser.ParseFromString(text, &spec)) return spec;
  problems->push_back(absl::StrCat("spec.textproto:", error.text(),
                                   "; names of operations and the like are left out of this report"));
  return std::nullopt;
}

}  // namespace ssnas::report
