#include "ssnas/datasets/augmentations/normalize/normalize.h"

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "ssnas/core/config_rules.h"
#include "ssnas/core/logging.h"
#include "ssnas/core/status_macros.h"

namespace ssnas {

absl::StatusOr<std::unique_ptr<Augmentation>> Normalize::Create(const NormalizeConfig& config) {
  SSNAS_RETURN_IF_ERROR(CheckRules("normalize", config));
  if (config.mean_size() != 3 || config.std_size() != 3) {
    return absl::InvalidArgumentError(
        absl::StrCat("normalize: ", config.mean_size(), " means and ", config.std_size(),
                     " standard deviations; give three of each, for red, green and blue"));
  }
  return std::unique_ptr<Augmentation>(new Normalize(config));
}

Normalize::Normalize(const NormalizeConfig& config) {
  for (int c = 0; c < 3; ++c) {
    mean_[c] = static_cast<float>(config.mean(c));
    scale_[c] = static_cast<float>(1 / config.std(c));
  }
}

void Normalize::Apply(Philox& /*random*/, FloatImage& image) const {
  CHECK_EQ(image.channels, 3);
  for (size_t i = 0; i < image.pixels.size(); i += 3) {
    for (int c = 0; c < 3; ++c) image.pixels[i + c] = (image.pixels[i + c] - mean_[c]) * scale_[c];
  }
}

}  // namespace ssnas
