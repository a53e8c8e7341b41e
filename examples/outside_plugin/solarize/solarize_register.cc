#include "solarize/solarize.h"
#include "solarize/solarize.pb.h"
#include "ssnas/core/registry.h"

namespace outside {

SSNAS_REGISTER(ssnas::Augmentation, SolarizeConfig, Solarize::Create, "solarize", "",
               "Bright values inverted, one time in five");

}  // namespace outside
