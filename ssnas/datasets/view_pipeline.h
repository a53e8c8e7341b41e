// The augmentations of a spec in order: from an image of bytes to a view of floats.
//
// Bytes are divided by 255, grey becomes three equal channels, then step i draws from a stream of
// its own, keyed by (seed, epoch, sample, view, i): no step's draws depend on the other steps, and
// a step added at the end changes nothing before it.
//
// The first steps, as far as they are SimCLR's in their order, are done in one go from the bytes
// (fused_views/), others plugin by plugin. The streams are the same; fused_steps() and --v=1 tell.
//
// Example:
//   SSNAS_ASSIGN_OR_RETURN(ViewPipeline pipeline, ViewPipeline::Create(spec.augmentation()));
//   const FloatImage view =
//       pipeline.MakeView(images->Get(17), seed, epoch, /*sample=*/17, /*view=*/0);
#ifndef SSNAS_DATASETS_VIEW_PIPELINE_H_
#define SSNAS_DATASETS_VIEW_PIPELINE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/repeated_field.h"
#include "ssnas/datasets/augmentations/augmentation.h"
#include "ssnas/datasets/dataset.h"
#include "ssnas/datasets/fused_views/fused_views.h"
#include "ssnas/datasets/view_key.h"
#include "ssnas/proto/plugin.pb.h"

namespace ssnas {

class ViewPipeline {
 public:
  static constexpr int kMaxViews = ViewKey::kMaxViews;  // a sample
  static constexpr int kMaxSteps = 255;
  enum class Passes { kFusedIfKnown, kOnePerPlugin };

  // Errors are those of the registry and of the plugins, and InvalidArgument past kMaxSteps.
  static absl::StatusOr<ViewPipeline> Create(
      const google::protobuf::RepeatedPtrField<PluginSpec>& augmentations,
      Passes passes = Passes::kFusedIfKnown);

  // View `view`, below kMaxViews, of image `sample`, which has 1 or 3 channels; thread-safe.
  FloatImage MakeView(const ImageView& image, uint64_t seed, uint64_t epoch, int64_t sample,
                      int view) const;
  FloatImage MakeView(const ImageView& image, const ViewKey& key) const;
  // Into OutputSize(height) × OutputSize(width) × 3 floats.
  void MakeView(const ImageView& image, const ViewKey& key, float* out) const;
  // Size of the views of images of `size`.
  int OutputSize(int size) const;
  // How many of the steps, from the first on, are done in one go.
  size_t fused_steps() const { return fused_.has_value() ? fused_->count() : 0; }

 private:
  FloatImage MakeFused(const ImageView& image, const ViewKey& key) const;

  std::vector<std::unique_ptr<Augmentation>> steps_;
  std::optional<FusedViews> fused_;  // points to steps_
};

}  // namespace ssnas

#endif  // SSNAS_DATASETS_VIEW_PIPELINE_H_
