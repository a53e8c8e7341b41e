#include "bottleneck/bottleneck.h"
#include "bottleneck/bottleneck.pb.h"
#include "ssnas/core/registry.h"

namespace outside {

SSNAS_REGISTER(ssnas::Operation, BottleneckConfig, Bottleneck::Create, "bottleneck_3x3",
               "kernel: 3", "Bottleneck with a depthwise 3×3");

}  // namespace outside
