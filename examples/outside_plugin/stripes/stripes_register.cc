#include "ssnas/core/registry.h"
#include "stripes/stripes.h"
#include "stripes/stripes.pb.h"

namespace outside {

SSNAS_REGISTER(ssnas::Dataset, StripesConfig, Stripes::Create, "stripes", "",
               "Generated stripes of four directions");

}  // namespace outside
