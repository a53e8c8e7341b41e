#include "ssnas/core/registry.h"
#include "ssnas/datasets/augmentations/cutout/cutout.h"
#include "ssnas/datasets/augmentations/cutout/cutout.pb.h"

namespace ssnas {

SSNAS_REGISTER(Augmentation, CutoutConfig, Cutout::Create, "cutout", "",
               "A square at a random place set to 0");

}  // namespace ssnas
