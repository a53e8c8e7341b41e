// Times sep_conv_3x3, sep_conv_5x5, sep_conv_7x7: //ssnas/ops/sep_conv:sep_conv_benchmark.
#include "ssnas/ops/testing/operation_benchmark.h"

namespace ssnas {
namespace {

const int registered =
    RegisterOperationBenchmarks({"sep_conv_3x3", "sep_conv_5x5", "sep_conv_7x7"});

}  // namespace
}  // namespace ssnas
