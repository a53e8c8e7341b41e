#include <deque>
#include <string>
#include <vector>

#include "ssnas/core/status_macros.h"
#include "ssnas/spec/builder.h"
#include "ssnas/spec/cross_rules.h"
#include "ssnas/spec/overrides.h"
#include "ssnas/spec/parser.h"
#include "ssnas/spec/spec.h"

namespace ssnas {

absl::StatusOr<ExperimentSpec> LoadSpec(absl::string_view text, const std::string& file,
                                        const std::vector<std::string>& sets) {
  // Sources stay where they are: places point to them.
  std::deque<Source> sources;
  sources.push_back({Source::Kind::kFile, file, std::string(text)});
  SSNAS_ASSIGN_OR_RETURN(std::vector<Field> fields, ParseTree(sources.back()));
  for (const std::string& set : sets) {
    sources.push_back({Source::Kind::kSet, "", set});
    SSNAS_RETURN_IF_ERROR(ApplySet(sources.back(), *ExperimentSpec::descriptor(), &fields));
  }
  const Place whole{&sources.front(), Place::kWhole};
  ExperimentSpec spec;
  SSNAS_RETURN_IF_ERROR(BuildMessage(fields, whole, &spec));
  SSNAS_RETURN_IF_ERROR(CheckCrossRules(spec, fields, whole));
  return spec;
}

}  // namespace ssnas
