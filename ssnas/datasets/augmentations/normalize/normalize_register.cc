#include "ssnas/core/registry.h"
#include "ssnas/datasets/augmentations/normalize/normalize.h"
#include "ssnas/datasets/augmentations/normalize/normalize.pb.h"

namespace ssnas {

SSNAS_REGISTER(Augmentation, NormalizeConfig, Normalize::Create, "normalize", "",
               "Mean and standard deviation of the data taken out, a channel");

}  // namespace ssnas
