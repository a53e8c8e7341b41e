// A random box of the image resized to size × size, bicubic (augmentations/resample.h).
//
// Up to ten tries: area ~ U(min_area, max_area)·H·W, log aspect ~ U(log min_aspect, log
// max_aspect); the box is √(area·aspect) wide and √(area/aspect) high, rounded; the first that fits
// is put at a uniform place. If none does: the largest central box whose aspect is within bounds.
// Config: size, two areas, two aspects. Draws: 22, all ten tries whether needed or not. 1 or 3
// channels.
// Source: SimCLR appendix A; torchvision's get_params, which stops drawing at the first that fits.
// Example: example.textproto
#ifndef SSNAS_DATASETS_AUGMENTATIONS_RANDOM_RESIZED_CROP_RANDOM_RESIZED_CROP_H_
#define SSNAS_DATASETS_AUGMENTATIONS_RANDOM_RESIZED_CROP_RANDOM_RESIZED_CROP_H_

#include <memory>

#include "absl/status/statusor.h"
#include "ssnas/datasets/augmentations/augmentation.h"
#include "ssnas/datasets/augmentations/random_resized_crop/random_resized_crop.pb.h"
#include "ssnas/datasets/augmentations/resample.h"

namespace ssnas {

class RandomResizedCrop : public Augmentation {
 public:
  static absl::StatusOr<std::unique_ptr<Augmentation>> Create(
      const RandomResizedCropConfig& config);

  void Apply(Philox& random, FloatImage& image) const override;
  int OutputSize() const override { return config_.size(); }

  // The box of an image of this size; 22 draws.
  CropBox DrawBox(Philox& random, int height, int width) const;

 private:
  explicit RandomResizedCrop(const RandomResizedCropConfig& config);

  const RandomResizedCropConfig config_;
  const double log_min_aspect_, log_max_aspect_;
};

}  // namespace ssnas

#endif  // SSNAS_DATASETS_AUGMENTATIONS_RANDOM_RESIZED_CROP_RANDOM_RESIZED_CROP_H_
