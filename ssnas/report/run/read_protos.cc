#include "ssnas/report/run/read_protos.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/empty.pb.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/networks/darts_text.h"
#include "ssnas/networks/genotype.h"

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

// Parses leniently; "" or where and why not.
std::string ParseLeniently(const std::string& text, google::protobuf::Message* message) {
  AnyTypes types;
  FirstError error;
  TextFormat::Parser parser;
  parser.SetFinder(&types);
  parser.RecordErrorsTo(&error);
  parser.AllowUnknownField(true);
  parser.AllowUnknownExtension(true);
  parser.AllowPartialMessage(true);
  parser.SetRecursionLimit(32);
  if (parser.ParseFromString(text, message)) return "";
  return error.text().empty() ? "1:1: cannot be parsed" : error.text();
}

}  // namespace

std::optional<ExperimentSpec> ParseRunSpec(const std::string& text, Problems* problems) {
  ExperimentSpec spec;
  const std::string error = ParseLeniently(text, &spec);
  if (error.empty()) return spec;
  problems->push_back(absl::StrCat(
      "spec.textproto:", error, "; names of operations and the like are left out of this report"));
  return std::nullopt;
}

absl::StatusOr<Architecture> ParseRunCell(const std::string& text, const std::string& origin) {
  Architecture cell;
  if (LooksLikeDartsText(text)) {
    SSNAS_ASSIGN_OR_RETURN(cell, ParseDartsText(text, origin));
  } else if (const std::string error = ParseLeniently(text, &cell); !error.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(origin, ":", error));
  }
  for (const CellGenotype* genotype : {&cell.normal(), &cell.reduction()}) {
    if (const absl::StatusOr<int> nodes = CheckCell(*genotype); !nodes.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(origin, ": ", nodes.status().message()));
    }
  }
  return cell;
}

}  // namespace ssnas::report
