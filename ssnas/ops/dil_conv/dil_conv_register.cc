#include "ssnas/core/registry.h"
#include "ssnas/ops/dil_conv/dil_conv.h"
#include "ssnas/ops/dil_conv/dil_conv.pb.h"

namespace ssnas {

SSNAS_REGISTER(Operation, DilConvConfig, DilConv::Create, "dil_conv_3x3", "kernel: 3",
               "Dilated separable convolution 3×3");
SSNAS_REGISTER(Operation, DilConvConfig, DilConv::Create, "dil_conv_5x5", "kernel: 5",
               "Dilated separable convolution 5×5");

}  // namespace ssnas
