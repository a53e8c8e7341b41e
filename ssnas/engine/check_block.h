// What every engine checks before a block runs.
#ifndef SSNAS_ENGINE_CHECK_BLOCK_H_
#define SSNAS_ENGINE_CHECK_BLOCK_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ssnas/core/tensor.h"
#include "ssnas/engine/block.h"

namespace ssnas {

// The shapes of plan.Shapes(inputs). InvalidArgument where inputs and output do not fit the plan,
// mixture weights or running statistics are missing, or a norm would have one value a channel.
template <typename T>
absl::StatusOr<std::vector<Shape4>> CheckForward(const BlockPlan& plan, const ForwardArgs<T>& args,
                                                 const View4<T>& output);

// `kept`: what the latest Forward was asked to keep; `output`: its shape. FailedPrecondition where
// more is asked for, InvalidArgument where memory for it is missing.
template <typename T>
absl::Status CheckBackward(const BlockPlan& plan, unsigned kept, const Shape4& output,
                           const BackwardArgs<T>& args);

}  // namespace ssnas

#endif  // SSNAS_ENGINE_CHECK_BLOCK_H_
