#include "ssnas/core/registry.h"
#include "ssnas/ops/sep_conv/sep_conv.h"
#include "ssnas/ops/sep_conv/sep_conv.pb.h"

namespace ssnas {

SSNAS_REGISTER(Operation, SepConvConfig, SepConv::Create, "sep_conv_3x3", "kernel: 3",
               "Separable convolution 3×3, twice");
SSNAS_REGISTER(Operation, SepConvConfig, SepConv::Create, "sep_conv_5x5", "kernel: 5",
               "Separable convolution 5×5, twice");
SSNAS_REGISTER(Operation, SepConvConfig, SepConv::Create, "sep_conv_7x7", "kernel: 7",
               "Separable convolution 7×7, twice (NASNet's cells)");

}  // namespace ssnas
