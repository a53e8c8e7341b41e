// Specs from the user to the program: parse, override, check, resolve, print.
//
// Every error names file, line and column, what is wrong, the line itself with a caret, and what
// would be right; --set has the same errors with its own text as the place. Fields are checked by
// the rules in their protos (ssnas/proto/options.proto), also inside plugin configs. docs/spec.md
// (generated) lists all.
#ifndef SSNAS_SPEC_SPEC_H_
#define SSNAS_SPEC_SPEC_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ssnas/proto/experiment.pb.h"

namespace ssnas {

// Parses textproto `text` of `file` (used in errors only), applies each `set` ("search.steps=10",
// "objective.config.temperature=0.1", "augmentation[2].config.probability=0",
// "search.seeds=[1,2]"), checks every field, plugin name and config. The first error is returned
// (InvalidArgument, area kUser).
absl::StatusOr<ExperimentSpec> LoadSpec(absl::string_view text, const std::string& file,
                                        const std::vector<std::string>& sets);

// The same with every default written out, presets merged into plugin configs: what is compared,
// digested and printed. Sections that are absent stay absent.
absl::StatusOr<ExperimentSpec> ResolveSpec(const ExperimentSpec& spec);

// A textproto that can be saved and run as it is. With `comments` each field is preceded by its
// proto's own comment.
std::string PrintSpec(const ExperimentSpec& spec, bool comments);

// --list_plugins: a table of kind, name, one line, where defined (empty `filter`); of one kind; or
// one plugin's config with comments and defaults. NotFound names the nearest.
absl::StatusOr<std::string> ListPlugins(absl::string_view filter);

}  // namespace ssnas

#endif  // SSNAS_SPEC_SPEC_H_
