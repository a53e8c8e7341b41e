#include "ssnas/core/registry.h"
#include "ssnas/ops/squeeze_excite/squeeze_excite.h"
#include "ssnas/ops/squeeze_excite/squeeze_excite.pb.h"

namespace ssnas {

SSNAS_REGISTER(Operation, SqueezeExciteConfig, SqueezeExcite::Create, "squeeze_excite",
               "reduction: 4", "Squeeze and excitation; its gate runs on libtorch");

}  // namespace ssnas
