#include "ssnas/core/registry.h"
#include "ssnas/datasets/augmentations/pad_crop/pad_crop.h"
#include "ssnas/datasets/augmentations/pad_crop/pad_crop.pb.h"

namespace ssnas {

SSNAS_REGISTER(Augmentation, PadCropConfig, PadCrop::Create, "pad_crop", "",
               "Zeros around the image, then a random crop of its own size");

}  // namespace ssnas
