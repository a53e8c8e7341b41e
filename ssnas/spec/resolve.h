// Every default written out, for any message of a spec.
#ifndef SSNAS_SPEC_RESOLVE_H_
#define SSNAS_SPEC_RESOLVE_H_

#include "absl/status/status.h"
#include "google/protobuf/message.h"

namespace ssnas {

// Sets what is not set and has a default; makes messages of settings (not stages of an experiment,
// not plugins); merges presets into plugin configs. Errors as of PluginTable::ResolveConfig.
absl::Status ResolveMessage(google::protobuf::Message* message);

}  // namespace ssnas

#endif  // SSNAS_SPEC_RESOLVE_H_
