// Times shuffle_conv: //shuffle_conv:shuffle_conv_benchmark.
#include "ssnas/ops/testing/operation_benchmark.h"

namespace ssnas {
namespace {

const int registered = RegisterOperationBenchmarks({"shuffle_conv"});

}  // namespace
}  // namespace ssnas
