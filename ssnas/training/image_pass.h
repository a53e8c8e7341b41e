// One pass over chosen images, in order and without chance: features for the probe, test accuracy.
#ifndef SSNAS_TRAINING_IMAGE_PASS_H_
#define SSNAS_TRAINING_IMAGE_PASS_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/repeated_field.h"
#include "ssnas/core/tensor.h"
#include "ssnas/datasets/dataset.h"
#include "ssnas/proto/plugin.pb.h"

namespace ssnas {

struct ImagePass {
  const ImageSet* images = nullptr;
  std::vector<int64_t> indices;  // empty: every image
  const google::protobuf::RepeatedPtrField<PluginSpec>* augmentation = nullptr;
  int64_t batch = 100;
  uint64_t seed = 0;  // of augmentations that draw; each image gets its view 0 of epoch 0
  int workers = 1;
};

// Calls `visit` with each batch (the last may be smaller) and the indices of its images; its first
// error ends the pass, and a signal does (StoppedStatus).
absl::Status ForEachBatch(
    const ImagePass& pass,
    const std::function<absl::Status(View4<const float> images,
                                     const std::vector<int64_t>& indices)>& visit);

}  // namespace ssnas

#endif  // SSNAS_TRAINING_IMAGE_PASS_H_
