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

ColorJitterDraw ColorJitter::Draw(Philox& random) const {
  const bool applied = random.Bernoulli(config_.probability());
  const std::array<double, 4> strengths = {config_.brightness(), config_.contrast(),
                                           config_.saturation(), config_.hue()};
  std::array<float, 4> factors;
  for (int i = 0; i < 3; ++i) {
    factors[i] = static_cast<float>(random.Uniform(1 - strengths[i], 1 + strengths[i]));
  }
  factors[3] = static_cast<float>(random.Uniform(-strengths[3], strengths[3]));
  std::array<int, 4> order = {0, 1, 2, 3};
  for (int i = 3; i > 0; --i) {
    std::swap(order[i], order[static_cast<int>(random.Uniform() * (i + 1))]);
  }
  ColorJitterDraw draw;
  for (const int part : order) {
    if (!applied || strengths[part] == 0) continue;
    draw.changes[draw.count++] = {.kind = static_cast<ColorChange::Kind>(part),
                                  .factor = factors[part]};
  }
  return draw;
}

void ColorJitter::Apply(Philox& random, FloatImage& image) const {
  const ColorJitterDraw draw = Draw(random);
  for (int i = 0; i < draw.count; ++i) Adjust(draw.changes[i], image);
}

}  // namespace ssnas
