// Brightness, contrast, saturation and hue changed at random, in random order
// (augmentations/color.h).
//
// Factors are U(1 − s, 1 + s) for a strength s, the turn of the hue is U(−hue, hue); after each of
// the four the image is clipped to [0, 1]. A strength of 0 leaves its part out.
// Config: probability, four strengths. Draws: 8 (whether, four factors, three for the order). Three
// channels.
// Source: SimCLR appendix A; contrast's mean is of the grey image, as torchvision's.
// Example: example.textproto
#ifndef SSNAS_DATASETS_AUGMENTATIONS_COLOR_JITTER_COLOR_JITTER_H_
#define SSNAS_DATASETS_AUGMENTATIONS_COLOR_JITTER_COLOR_JITTER_H_

#include <array>
#include <memory>

#include "absl/status/statusor.h"
#include "ssnas/datasets/augmentations/augmentation.h"
#include "ssnas/datasets/augmentations/color_change.h"
#include "ssnas/datasets/augmentations/color_jitter/color_jitter.pb.h"

namespace ssnas {

// The changes made to one image, in order; none where it is left as it is.
struct ColorJitterDraw {
  int count = 0;
  std::array<ColorChange, 4> changes;
};

class ColorJitter : public Augmentation {
 public:
  static absl::StatusOr<std::unique_ptr<Augmentation>> Create(const ColorJitterConfig& config);

  // 8 draws.
  ColorJitterDraw Draw(Philox& random) const;
  void Apply(Philox& random, FloatImage& image) const override;

 private:
  explicit ColorJitter(const ColorJitterConfig& config) : config_(config) {}
  const ColorJitterConfig config_;
};

}  // namespace ssnas

#endif  // SSNAS_DATASETS_AUGMENTATIONS_COLOR_JITTER_COLOR_JITTER_H_
