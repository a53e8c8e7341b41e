#include "ssnas/core/registry.h"
#include "ssnas/datasets/augmentations/resize/resize.h"
#include "ssnas/datasets/augmentations/resize/resize.pb.h"

namespace ssnas {

SSNAS_REGISTER(Augmentation, ResizeConfig, Resize::Create, "resize", "",
               "The whole image, resized to a square (bicubic)");

}  // namespace ssnas
