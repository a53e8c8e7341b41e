#include "ssnas/datasets/augmentations/resize/resize.h"

#include "ssnas/core/config_rules.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/datasets/augmentations/resample.h"

namespace ssnas {

absl::StatusOr<std::unique_ptr<Augmentation>> Resize::Create(const ResizeConfig& config) {
  SSNAS_RETURN_IF_ERROR(CheckRules("resize", config));
  return std::unique_ptr<Augmentation>(new Resize(config));
}

void Resize::Apply(Philox& /*random*/, FloatImage& image) const {
  CropAndResize({.top = 0, .left = 0, .height = image.height, .width = image.width}, size_, size_,
                image);
}

}  // namespace ssnas
