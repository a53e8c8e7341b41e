// docs/spec.md: every field of a spec and every plugin that is linked in, from their protos and
// registrations.
#ifndef SSNAS_SPEC_REFERENCE_H_
#define SSNAS_SPEC_REFERENCE_H_

#include <string>

#include "absl/status/statusor.h"

namespace ssnas {

inline constexpr char kReferencePath[] = "docs/spec.md";

// The whole page, as Markdown.
absl::StatusOr<std::string> ReferencePage();

}  // namespace ssnas

#endif  // SSNAS_SPEC_REFERENCE_H_
