#include "ssnas/datasets/augmentations/grayscale/grayscale.h"

#include "ssnas/core/config_rules.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/datasets/augmentations/color.h"

namespace ssnas {

absl::StatusOr<std::unique_ptr<Augmentation>> Grayscale::Create(const GrayscaleConfig& config) {
  SSNAS_RETURN_IF_ERROR(CheckRules("grayscale", config));
  return std::unique_ptr<Augmentation>(new Grayscale(config));
}

void Grayscale::Apply(Philox& random, FloatImage& image) const {
  if (Draw(random)) ToGray(image);
}

}  // namespace ssnas
