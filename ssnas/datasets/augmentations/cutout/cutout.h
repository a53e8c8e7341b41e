// A square of `length` pixels around a random pixel set to 0; what lies outside the image is cut off.
// Rows y − ⌊length/2⌋ … y − ⌊length/2⌋ + length − 1 and columns likewise, (y, x) uniform over the image.
// After a normalisation 0 is the mean colour, as in DARTS. Config: length. Draws: 2. Any number of channels.
// Source: DARTS, section A.2. Example: example.textproto
#ifndef SSNAS_DATASETS_AUGMENTATIONS_CUTOUT_CUTOUT_H_
#define SSNAS_DATASETS_AUGMENTATIONS_CUTOUT_CUTOUT_H_

#include <memory>

#include "absl/status/statusor.h"
#include "ssnas/datasets/augmentations/augmentation.h"
#include "ssnas/datasets/augmentations/cutout/cutout.pb.h"

namespace ssnas {

void CutOut(int y, int x, int length, FloatImage& image);

class Cutout : public Augmentation {
 public:
  static absl::StatusOr<std::unique_ptr<Augmentation>> Create(const CutoutConfig& config);

  void Apply(Philox& random, FloatImage& image) const override;

 private:
  explicit Cutout(const CutoutConfig& config) : length_(config.length()) {}
  const int length_;
};

}  // namespace ssnas

#endif  // SSNAS_DATASETS_AUGMENTATIONS_CUTOUT_CUTOUT_H_
