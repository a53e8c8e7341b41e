#include "ssnas/core/registry.h"
#include "ssnas/datasets/augmentations/grayscale/grayscale.h"
#include "ssnas/datasets/augmentations/grayscale/grayscale.pb.h"

namespace ssnas {

SSNAS_REGISTER(Augmentation, GrayscaleConfig, Grayscale::Create, "grayscale", "",
               "Grey, a fifth of the time");

}  // namespace ssnas
