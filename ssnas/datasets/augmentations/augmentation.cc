#include "ssnas/datasets/augmentations/augmentation.h"

namespace ssnas {

SSNAS_DEFINE_PLUGIN_KIND(Augmentation)

}  // namespace ssnas
