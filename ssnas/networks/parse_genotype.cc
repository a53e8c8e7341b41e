// Genotypes read from both formats.
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/networks/darts_text.h"
#include "ssnas/networks/genotype.h"
#include "ssnas/ops/operation.h"
#include "ssnas/spec/builder.h"
#include "ssnas/spec/parser.h"
#include "ssnas/spec/source.h"

namespace ssnas {
namespace {

constexpr size_t kMaxBytes = 1 << 20;

struct CellPlaces {
  Place normal, reduction;
};

// The spec's own parser: operations and their configs are checked where they stand.
absl::StatusOr<Architecture> ParseTextproto(const Source& source, CellPlaces* places) {
  SSNAS_ASSIGN_OR_RETURN(const std::vector<Field> fields, ParseTree(source));
  Architecture architecture;
  SSNAS_RETURN_IF_ERROR(BuildMessage(fields, {.source = &source}, &architecture));
  if (const Field* field = FindField(fields, "normal")) places->normal = field->place;
  if (const Field* field = FindField(fields, "reduction")) places->reduction = field->place;
  return architecture;
}

absl::Status CheckOperations(const CellGenotype& cell, const std::vector<size_t>& offsets,
                             const Source& source) {
  for (int i = 0; i < cell.edge_size(); ++i) {
    const std::string& name = cell.edge(i).operation().name();
    // As it can be printed, and no longer: the name can be anything.
    const std::string shown = Shown(name);
    const absl::Status found = TableOf<Operation>().Find(shown).status();
    if (!found.ok() || shown != name) return ErrorAt({&source, offsets[i]}, found.message());
  }
  return absl::OkStatus();
}

absl::StatusOr<Architecture> ParseDarts(const Source& source) {
  EdgeOffsets offsets;
  SSNAS_ASSIGN_OR_RETURN(Architecture architecture,
                         ParseDartsText(source.text, source.name, &offsets));
  SSNAS_RETURN_IF_ERROR(CheckOperations(architecture.normal(), offsets.normal, source));
  SSNAS_RETURN_IF_ERROR(CheckOperations(architecture.reduction(), offsets.reduction, source));
  return architecture;
}

absl::Status CheckCellAt(const CellGenotype& cell, absl::string_view kind, Place place) {
  const absl::StatusOr<int> nodes = CheckCell(cell);
  if (nodes.ok()) return absl::OkStatus();
  return ErrorAt(place, absl::StrCat(kind, " cell: ", nodes.status().message()));
}

}  // namespace

absl::StatusOr<Architecture> ParseArchitecture(absl::string_view text, const std::string& origin) {
  const Source source{.name = origin, .text = std::string(text.substr(0, kMaxBytes + 1))};
  if (text.size() > kMaxBytes) {
    return ErrorAt({.source = &source}, absl::StrCat(text.size(), " bytes are no genotype"));
  }
  CellPlaces places{.normal = {.source = &source}, .reduction = {.source = &source}};
  SSNAS_ASSIGN_OR_RETURN(Architecture architecture, LooksLikeDartsText(text)
                                                        ? ParseDarts(source)
                                                        : ParseTextproto(source, &places));
  SSNAS_RETURN_IF_ERROR(CheckCellAt(architecture.normal(), "normal", places.normal));
  SSNAS_RETURN_IF_ERROR(CheckCellAt(architecture.reduction(), "reduction", places.reduction));
  return architecture;
}

}  // namespace ssnas
