#include "ssnas/datasets/augmentations/flip/flip.h"

#include <algorithm>

#include "ssnas/core/config_rules.h"
#include "ssnas/core/status_macros.h"

namespace ssnas {

void FlipHorizontally(FloatImage& image) {
  for (int y = 0; y < image.height; ++y) {
    for (int left = 0, right = image.width - 1; left < right; ++left, --right) {
      float* const a = &image.at(y, left, 0);
      std::swap_ranges(a, a + image.channels, &image.at(y, right, 0));
    }
  }
}

absl::StatusOr<std::unique_ptr<Augmentation>> Flip::Create(const FlipConfig& config) {
  SSNAS_RETURN_IF_ERROR(CheckRules("flip", config));
  return std::unique_ptr<Augmentation>(new Flip(config));
}

void Flip::Apply(Philox& random, FloatImage& image) const {
  if (Draw(random)) FlipHorizontally(image);
}

}  // namespace ssnas
