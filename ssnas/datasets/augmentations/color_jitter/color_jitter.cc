#include "ssnas/datasets/augmentations/color_jitter/color_jitter.h"

#include <array>
#include <utility>

#include "ssnas/core/config_rules.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/datasets/augmentations/color.h"

namespace ssnas {

absl::StatusOr<std::unique_ptr<Augmentation>> ColorJitter::Create(const ColorJitterConfig& config) {
  SSNAS_RETURN_IF_ERROR(CheckRules("color_jitter", config));
  return std::unique_ptr<Augmentation>(new ColorJitter(config));
}

void ColorJitter::Apply(Philox& random, FloatImage& image) const {
  const bool applied = random.Bernoulli(config_.probability());
  const auto factor = [&random](double strength) {
    return static_cast<float>(random.Uniform(1 - strength, 1 + strength));
  };
  const float brightness = factor(config_.brightness());
  const float contrast = factor(config_.contrast());
  const float saturation = factor(config_.saturation());
  const float hue = static_cast<float>(random.Uniform(-config_.hue(), config_.hue()));
  std::array<int, 4> order = {0, 1, 2, 3};
  for (int i = 3; i > 0; --i) {
    std::swap(order[i], order[static_cast<int>(random.Uniform() * (i + 1))]);
  }
  if (!applied) return;
  for (const int part : order) {
    if (part == 0 && config_.brightness() > 0) AdjustBrightness(brightness, image);
    if (part == 1 && config_.contrast() > 0) AdjustContrast(contrast, image);
    if (part == 2 && config_.saturation() > 0) AdjustSaturation(saturation, image);
    if (part == 3 && config_.hue() > 0) AdjustHue(hue, image);
  }
}

}  // namespace ssnas
