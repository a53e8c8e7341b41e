#include "ssnas/ops/operation.h"

namespace ssnas {

SSNAS_DEFINE_PLUGIN_KIND(Operation)

}  // namespace ssnas
