#include "ssnas/datasets/dataset.h"

namespace ssnas {

SSNAS_DEFINE_PLUGIN_KIND(Dataset)

}  // namespace ssnas
