#include "shuffle_conv/shuffle_conv.h"
#include "shuffle_conv/shuffle_conv.pb.h"
#include "ssnas/core/registry.h"

namespace outside {

SSNAS_REGISTER(ssnas::Operation, ShuffleConvConfig, ShuffleConv::Create, "shuffle_conv",
               "groups: 2", "Shuffled group convolution 3×3, on libtorch");

}  // namespace outside
