// The augmentations of a spec in order: from an image of bytes to a view of floats.
//
// Bytes are divided by 255, grey becomes three equal channels, then step i draws from a stream of its own, keyed by
// (seed, epoch, sample, view, i): no step's draws depend on the other steps, and a step added at the end changes
// nothing before it.
//
// Example:
//   SSNAS_ASSIGN_OR_RETURN(ViewPipeline pipeline, ViewPipeline::Create(spec.augmentation()));
//   FloatImage view = pipeline.MakeView(images->Get(17), /*seed=*/1, /*epoch=*/0, /*sample=*/17, /*view=*/0);
#ifndef SSNAS_DATASETS_VIEW_PIPELINE_H_
#define SSNAS_DATASETS_VIEW_PIPELINE_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/repeated_field.h"
#include "ssnas/datasets/augmentations/augmentation.h"
#include "ssnas/datasets/dataset.h"
#include "ssnas/proto/plugin.pb.h"

namespace ssnas {

class ViewPipeline {
 public:
  static constexpr int kMaxViews = 256;  // a sample
  static constexpr int kMaxSteps = 255;

  // Errors are those of the registry and of the plugins, and InvalidArgument past kMaxSteps.
  static absl::StatusOr<ViewPipeline> Create(
      const google::protobuf::RepeatedPtrField<PluginSpec>& augmentations);

  // View `view`, below kMaxViews, of image `sample`, which has 1 or 3 channels; thread-safe.
  FloatImage MakeView(const ImageView& image, uint64_t seed, uint64_t epoch, int64_t sample,
                      int view) const;
  // Size of the views of images of `size`.
  int OutputSize(int size) const;

 private:
  std::vector<std::unique_ptr<Augmentation>> steps_;
};

}  // namespace ssnas

#endif  // SSNAS_DATASETS_VIEW_PIPELINE_H_
