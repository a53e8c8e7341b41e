// Flat buffers of a trainee in and out of a checkpoint's shards.
#ifndef SSNAS_TRAINING_STATE_H_
#define SSNAS_TRAINING_STATE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "ssnas/core/checkpoint.h"

namespace ssnas {

// One tensor, a shard of its own: "weights" → weights.safetensors.
void PutFloats(const std::string& name, const std::vector<float>& values, Checkpoint* checkpoint);
// NotFound, or InvalidArgument when its size is not that of `values`.
absl::Status TakeFloats(const Checkpoint& checkpoint, const std::string& name,
                        std::vector<float>* values);

// Sums over an epoch, kept exactly (F64).
void PutDoubles(const std::string& name, const std::vector<double>& values, Checkpoint* checkpoint);
absl::Status TakeDoubles(const Checkpoint& checkpoint, const std::string& name,
                         std::vector<double>* values);

// A bad step (bad_step.h) naming the first tensor that holds a value that is not finite.
absl::Status CheckFinite(const Checkpoint& checkpoint);

}  // namespace ssnas

#endif  // SSNAS_TRAINING_STATE_H_
