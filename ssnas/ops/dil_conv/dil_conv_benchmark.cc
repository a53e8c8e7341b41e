// Times dil_conv_3x3, dil_conv_5x5: //ssnas/ops/dil_conv:dil_conv_benchmark.
#include "ssnas/ops/testing/operation_benchmark.h"

namespace ssnas {
namespace {

const int registered = RegisterOperationBenchmarks({"dil_conv_3x3", "dil_conv_5x5"});

}  // namespace
}  // namespace ssnas
