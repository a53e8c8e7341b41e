#include "ssnas/core/registry.h"
#include "ssnas/datasets/augmentations/flip/flip.h"
#include "ssnas/datasets/augmentations/flip/flip.pb.h"

namespace ssnas {

SSNAS_REGISTER(Augmentation, FlipConfig, Flip::Create, "flip", "",
               "Left and right exchanged, half of the time");

}  // namespace ssnas
