// Genotypes read from both formats.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/networks/darts_text.h"
#include "ssnas/networks/genotype.h"
#include "ssnas/ops/operation.h"

namespace ssnas {
namespace {

using google::protobuf::TextFormat;

constexpr size_t kMaxBytes = 1 << 20;
constexpr size_t kMaxName = 100;
constexpr int kMaxEdges = 1024;
constexpr int kMaxNesting = 20;

// A line below 1: the place is not known.
std::string At(const std::string& origin, const TextPlace& place) {
  if (place.line < 1) return absl::StrCat(origin, ": ");
  return absl::StrCat(origin, ":", place.line, ":", place.column, ": ");
}

// Keeps the parser's first error, with its place.
class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  explicit FirstError(const std::string& origin) : origin_(origin) {}
  void AddError(int line, int column, const std::string& message) override {
    if (text_.empty()) text_ = At(origin_, {line + 1, column + 1}) + message;
  }
  const std::string& text() const { return text_; }

 private:
  const std::string& origin_;
  std::string text_;
};

// Places of the edges' operations, or of the edges where an edge has none.
std::vector<TextPlace> PlacesOf(const CellGenotype& cell, TextFormat::ParseInfoTree* tree) {
  const auto* edge_field = CellGenotype::descriptor()->FindFieldByName("edge");
  const auto* operation_field = Edge::descriptor()->FindFieldByName("operation");
  std::vector<TextPlace> places;
  for (int i = 0; tree != nullptr && i < cell.edge_size(); ++i) {
    TextFormat::ParseLocation location = tree->GetLocation(edge_field, i);
    TextFormat::ParseInfoTree* edge = tree->GetTreeForNested(edge_field, i);
    if (edge != nullptr && cell.edge(i).has_operation()) {
      location = edge->GetLocation(operation_field, -1);
    }
    places.push_back({location.line + 1, location.column + 1});
  }
  return places;
}

absl::StatusOr<Architecture> ParseTextproto(absl::string_view text, const std::string& origin,
                                            EdgePlaces* places) {
  Architecture architecture;
  TextFormat::Parser parser;
  FirstError error(origin);
  TextFormat::ParseInfoTree tree;
  parser.RecordErrorsTo(&error);
  parser.WriteLocationsTo(&tree);
  parser.SetRecursionLimit(kMaxNesting);
  if (!parser.ParseFromString(std::string(text), &architecture)) {
    return absl::InvalidArgumentError(
        error.text().empty() ? absl::StrCat(origin, ": not an Architecture") : error.text());
  }
  const auto* descriptor = Architecture::descriptor();
  places->normal = PlacesOf(architecture.normal(),
                            tree.GetTreeForNested(descriptor->FindFieldByName("normal"), -1));
  places->reduction = PlacesOf(architecture.reduction(),
                               tree.GetTreeForNested(descriptor->FindFieldByName("reduction"), -1));
  return architecture;
}

// The operation is registered and takes its config.
absl::Status CheckOperation(const PluginSpec& spec) {
  if (spec.name().empty()) return absl::InvalidArgumentError("the edge names no operation");
  if (spec.name().size() > kMaxName) {
    return absl::InvalidArgumentError(
        absl::StrCat("no operation's name has ", spec.name().size(), " bytes"));
  }
  if (!TableOf<Operation>().Find(spec.name()).ok()) {
    // The message quotes the name: with bytes that a terminal can show.
    return TableOf<Operation>().Find(absl::CHexEscape(spec.name())).status();
  }
  return CreatePlugin<Operation>(spec).status();
}

absl::Status CheckCellOf(const CellGenotype& cell, absl::string_view kind,
                         const std::vector<TextPlace>& places, const std::string& origin) {
  if (cell.edge_size() > kMaxEdges) {
    return absl::InvalidArgumentError(
        absl::StrCat(origin, ": ", kind, " cell: more than ", kMaxEdges, " edges"));
  }
  if (const absl::StatusOr<int> nodes = CheckCell(cell); !nodes.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(origin, ": ", kind, " cell: ", nodes.status().message()));
  }
  for (int i = 0; i < cell.edge_size(); ++i) {
    const absl::Status status = CheckOperation(cell.edge(i).operation());
    if (status.ok()) continue;
    return absl::InvalidArgumentError(absl::StrCat(At(origin, places[i]), status.message()));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Architecture> ParseArchitecture(absl::string_view text, const std::string& origin) {
  if (text.size() > kMaxBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(origin, ": ", text.size(), " bytes are no genotype"));
  }
  EdgePlaces places;
  SSNAS_ASSIGN_OR_RETURN(Architecture architecture, LooksLikeDartsText(text)
                                                        ? ParseDartsText(text, origin, &places)
                                                        : ParseTextproto(text, origin, &places));
  SSNAS_RETURN_IF_ERROR(CheckCellOf(architecture.normal(), "normal", places.normal, origin));
  SSNAS_RETURN_IF_ERROR(
      CheckCellOf(architecture.reduction(), "reduction", places.reduction, origin));
  return architecture;
}

}  // namespace ssnas
