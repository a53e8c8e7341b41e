#include "ssnas/datasets/augmentations/cutout/cutout.h"

#include <algorithm>

#include "ssnas/core/config_rules.h"
#include "ssnas/core/status_macros.h"

namespace ssnas {

void CutOut(int y, int x, int length, FloatImage& image) {
  const int top = y - length / 2, left = x - length / 2;
  const int first = std::max(left, 0), last = std::min(left + length, image.width);
  for (int i = std::max(top, 0); i < std::min(top + length, image.height); ++i) {
    std::fill_n(&image.at(i, first, 0), (last - first) * image.channels, 0.0f);
  }
}

absl::StatusOr<std::unique_ptr<Augmentation>> Cutout::Create(const CutoutConfig& config) {
  SSNAS_RETURN_IF_ERROR(CheckRules("cutout", config));
  return std::unique_ptr<Augmentation>(new Cutout(config));
}

void Cutout::Apply(Philox& random, FloatImage& image) const {
  const int y = static_cast<int>(random.Uniform() * image.height);
  const int x = static_cast<int>(random.Uniform() * image.width);
  CutOut(y, x, length_, image);
}

}  // namespace ssnas
