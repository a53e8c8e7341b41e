#include "cosine_target/cosine_target.h"

namespace outside {

SSNAS_REGISTER(ssnas::Objective, CosineTargetConfig, MakeCosineTarget, "cosine_target", "",
               "Views of an image at cosine 1, of others at cosine 0; reads no label");

}  // namespace outside
