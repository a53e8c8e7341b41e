// What every objective checks of its config, of the network and of the rows it is given.
//
// Example:
//   SSNAS_RETURN_IF_ERROR(CheckConfig("nt_xent", config));
#ifndef SSNAS_OBJECTIVES_CHECKS_H_
#define SSNAS_OBJECTIVES_CHECKS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "ssnas/objectives/objective.h"

namespace ssnas {

// InvalidArgument unless every number in `config` keeps to the (rule) of its field, which the spec
// loader checks too: configs that are made in code do not pass it. NaN keeps to no rule.
absl::Status CheckConfig(absl::string_view name, const google::protobuf::Message& config);

// InvalidArgument unless the network has a representation.
absl::Status CheckContext(absl::string_view name, const ObjectiveContext& context);

// InvalidArgument unless there are rows, as many for each view; the labels are one an image and
// classes of the data (none where `objective` reads none); and auxiliary rows come from a network
// that has them.
template <typename T>
absl::Status CheckArgs(absl::string_view name, const Objective& objective,
                       const ObjectiveContext& context, const ObjectiveArgs<T>& args);

}  // namespace ssnas

#endif  // SSNAS_OBJECTIVES_CHECKS_H_
