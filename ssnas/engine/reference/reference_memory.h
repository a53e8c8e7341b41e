// What the reference engine keeps of a block until its backward pass, counted from its plan: inputs
// of convolutions, norms and mixtures, results of ReLUs, indices of max pools.
#ifndef SSNAS_ENGINE_REFERENCE_REFERENCE_MEMORY_H_
#define SSNAS_ENGINE_REFERENCE_REFERENCE_MEMORY_H_

#include <vector>

#include "absl/status/statusor.h"
#include "ssnas/core/tensor.h"
#include "ssnas/engine/block.h"

namespace ssnas {

// Of float32.
absl::StatusOr<BlockMemory> ReferenceMemory(const BlockPlan& plan,
                                            const std::vector<Shape4>& inputs);

}  // namespace ssnas

#endif  // SSNAS_ENGINE_REFERENCE_REFERENCE_MEMORY_H_
