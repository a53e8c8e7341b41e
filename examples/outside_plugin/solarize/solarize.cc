#include "solarize/solarize.h"

#include "ssnas/core/config_rules.h"
#include "ssnas/core/status_macros.h"

namespace outside {

absl::StatusOr<std::unique_ptr<ssnas::Augmentation>> Solarize::Create(
    const SolarizeConfig& config) {
  SSNAS_RETURN_IF_ERROR(ssnas::CheckRules("solarize", config));
  return std::unique_ptr<ssnas::Augmentation>(new Solarize(config));
}

void Solarize::Apply(ssnas::Philox& random, ssnas::FloatImage& image) const {
  if (!random.Bernoulli(config_.probability())) return;
  for (float& x : image.pixels) {
    if (x >= config_.threshold()) x = 1 - x;
  }
}

}  // namespace outside
