#include "ssnas/core/registry.h"
#include "ssnas/datasets/augmentations/random_resized_crop/random_resized_crop.h"
#include "ssnas/datasets/augmentations/random_resized_crop/random_resized_crop.pb.h"

namespace ssnas {

SSNAS_REGISTER(Augmentation, RandomResizedCropConfig, RandomResizedCrop::Create, "random_resized_crop", "",
               "A random part of the image, resized to a square (bicubic)");

}  // namespace ssnas
