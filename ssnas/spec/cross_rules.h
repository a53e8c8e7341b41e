// Rules between fields of an experiment: what contradicts, and what nothing would read.
//
// Rules of one field are in its proto (ssnas/proto/options.proto), those of one plugin in its
// factory.
#ifndef SSNAS_SPEC_CROSS_RULES_H_
#define SSNAS_SPEC_CROSS_RULES_H_

#include <vector>

#include "absl/status/status.h"
#include "ssnas/proto/experiment.pb.h"
#include "ssnas/spec/tree.h"

namespace ssnas {

// `spec` was built from `fields`; errors stand at the offending field. `whole` as in builder.h.
absl::Status CheckCrossRules(const ExperimentSpec& spec, const std::vector<Field>& fields,
                             Place whole);

}  // namespace ssnas

#endif  // SSNAS_SPEC_CROSS_RULES_H_
