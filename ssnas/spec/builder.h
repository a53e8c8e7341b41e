// Tree → message: every name, type, range, plugin and config checked, errors at the place of what
// is wrong.
//
// A plugin's config is a message of the type that its name implies, so both are taken:
//   config { [type.googleapis.com/ssnas.NtXentConfig] { temperature: 0.5 } }
//   config { temperature: 0.5 }
// What is set is only what was written; presets and defaults are ResolveSpec's (spec.h).
#ifndef SSNAS_SPEC_BUILDER_H_
#define SSNAS_SPEC_BUILDER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "ssnas/core/registry.h"
#include "ssnas/spec/tree.h"

namespace ssnas {

// `whole` is the place of errors about what is missing at the top.
absl::Status BuildMessage(const std::vector<Field>& fields, Place whole,
                          google::protobuf::Message* message);

// The plugin that the fields of a PluginSpec of this kind name; `place` is where an absent name is
// told.
absl::StatusOr<const PluginFacts*> FindPlugin(const std::vector<Field>& fields, Place place,
                                              const std::string& kind);

}  // namespace ssnas

#endif  // SSNAS_SPEC_BUILDER_H_
