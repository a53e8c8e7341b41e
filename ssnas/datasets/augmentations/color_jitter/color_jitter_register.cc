#include "ssnas/core/registry.h"
#include "ssnas/datasets/augmentations/color_jitter/color_jitter.h"
#include "ssnas/datasets/augmentations/color_jitter/color_jitter.pb.h"

namespace ssnas {

SSNAS_REGISTER(Augmentation, ColorJitterConfig, ColorJitter::Create, "color_jitter", "",
               "Brightness, contrast, saturation and hue changed at random, in random order");

}  // namespace ssnas
