#include "ssnas/datasets/augmentations/pad_crop/pad_crop.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "ssnas/core/config_rules.h"
#include "ssnas/core/status_macros.h"

namespace ssnas {

void Shift(int dy, int dx, FloatImage& image) {
  std::vector<float> shifted(image.pixels.size(), 0.0f);
  const int first = std::max(0, -dx), last = std::min(image.width, image.width - dx);
  for (int y = std::max(0, -dy); y < std::min(image.height, image.height - dy) && first < last;
       ++y) {
    const float* const row = &image.at(y + dy, first + dx, 0);
    std::copy(row, row + (last - first) * image.channels,
              &shifted[(static_cast<size_t>(y) * image.width + first) * image.channels]);
  }
  image.pixels = std::move(shifted);
}

absl::StatusOr<std::unique_ptr<Augmentation>> PadCrop::Create(const PadCropConfig& config) {
  SSNAS_RETURN_IF_ERROR(CheckRules("pad_crop", config));
  return std::unique_ptr<Augmentation>(new PadCrop(config));
}

void PadCrop::Apply(Philox& random, FloatImage& image) const {
  const int places = 2 * padding_ + 1;
  const int dy = static_cast<int>(random.Uniform() * places) - padding_;
  const int dx = static_cast<int>(random.Uniform() * places) - padding_;
  Shift(dy, dx, image);
}

}  // namespace ssnas
