// The example of a plugin's folder, for the conformance suites.
//
// Example: ReadPluginExample("ssnas/ops/sep_conv/sep_conv_register.cc") is what
// ssnas/ops/sep_conv/example.textproto says.
#ifndef SSNAS_CORE_TESTING_PLUGIN_EXAMPLE_H_
#define SSNAS_CORE_TESTING_PLUGIN_EXAMPLE_H_

#include <string>

#include "absl/status/statusor.h"
#include "ssnas/proto/plugin.pb.h"

namespace ssnas {

// `registered_in`: the registration's file as the compiler named it, of this or another repository.
// The example lies beside it, among the test's own files. InvalidArgument when it does not parse.
absl::StatusOr<PluginSpec> ReadPluginExample(const std::string& registered_in);

}  // namespace ssnas

#endif  // SSNAS_CORE_TESTING_PLUGIN_EXAMPLE_H_
