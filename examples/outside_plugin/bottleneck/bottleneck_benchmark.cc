// Times bottleneck_3x3: //bottleneck:bottleneck_benchmark.
#include "ssnas/ops/testing/operation_benchmark.h"

namespace ssnas {
namespace {

const int registered = RegisterOperationBenchmarks({"bottleneck_3x3"});

}  // namespace
}  // namespace ssnas
