// SimCLR's steps fused: views straight from bytes, where a pipeline begins with steps it knows.
//
// Known are random_resized_crop or resize, flip, color_jitter, grayscale, gaussian_blur, normalize,
// each at most once and in this order. Taken are as many of a pipeline's first steps as are such a
// sequence; those behind are run on the result by whoever has them. What is drawn, and from which
// stream, is the plugins' own code: the view is theirs but for rounding (≤ 1e-5 before
// normalisation). See docs/augmentations.md.
//
// Example:
//   const std::optional<FusedViews> fused = FusedViews::Create(steps);
//   if (fused.has_value()) fused->MakeView(image, key, out);
#ifndef SSNAS_DATASETS_FUSED_VIEWS_FUSED_VIEWS_H_
#define SSNAS_DATASETS_FUSED_VIEWS_FUSED_VIEWS_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "ssnas/datasets/augmentations/augmentation.h"
#include "ssnas/datasets/dataset.h"
#include "ssnas/datasets/fused_views/render_view.h"
#include "ssnas/datasets/view_key.h"

namespace ssnas {

class RandomResizedCrop;
class Resize;
class Flip;
class ColorJitter;
class Grayscale;
class GaussianBlur;
class Normalize;

class FusedViews {
 public:
  // Empty if it doesn't know the first step. The steps outlive what it returns.
  static std::optional<FusedViews> Create(const std::vector<std::unique_ptr<Augmentation>>& steps);

  // How many of the steps it does.
  size_t count() const { return count_; }
  // Height or width of its views of images of `size`.
  int OutputSize(int size) const;
  // Writes the view, three channels of its output size; thread-safe. 1 or 3 channels.
  void MakeView(const ImageView& image, const ViewKey& key, float* out) const;
  // What MakeView does for this key.
  fused_views::ViewPlan Draw(const ImageView& image, const ViewKey& key) const;

 private:
  // A step and its number in the pipeline, which keys its stream.
  template <typename Step>
  struct Place {
    const Step* step = nullptr;
    size_t number = 0;
  };

  size_t count_ = 0;
  Place<RandomResizedCrop> crop_;
  Place<Resize> resize_;
  Place<Flip> flip_;
  Place<ColorJitter> jitter_;
  Place<Grayscale> gray_;
  Place<GaussianBlur> blur_;
  Place<Normalize> normalize_;
};

}  // namespace ssnas

#endif  // SSNAS_DATASETS_FUSED_VIEWS_FUSED_VIEWS_H_
