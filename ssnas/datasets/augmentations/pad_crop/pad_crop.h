// `padding` zeros on each side, then a random crop of the image's own size: y[i, j] = x[i + dy, j + dx] or 0.
// dy, dx are uniform over −padding … padding. Config: padding. Draws: 2. Any number of channels.
// Source: DARTS, section A.2. Example: example.textproto
#ifndef SSNAS_DATASETS_AUGMENTATIONS_PAD_CROP_PAD_CROP_H_
#define SSNAS_DATASETS_AUGMENTATIONS_PAD_CROP_PAD_CROP_H_

#include <memory>

#include "absl/status/statusor.h"
#include "ssnas/datasets/augmentations/augmentation.h"
#include "ssnas/datasets/augmentations/pad_crop/pad_crop.pb.h"

namespace ssnas {

// What moves in from outside the image is 0.
void Shift(int dy, int dx, FloatImage& image);

class PadCrop : public Augmentation {
 public:
  static absl::StatusOr<std::unique_ptr<Augmentation>> Create(const PadCropConfig& config);

  void Apply(Philox& random, FloatImage& image) const override;

 private:
  explicit PadCrop(const PadCropConfig& config) : padding_(config.padding()) {}
  const int padding_;
};

}  // namespace ssnas

#endif  // SSNAS_DATASETS_AUGMENTATIONS_PAD_CROP_PAD_CROP_H_
