// Times max_pool_3x3: //ssnas/ops/max_pool:max_pool_benchmark.
#include "ssnas/ops/testing/operation_benchmark.h"

namespace ssnas {
namespace {

const int registered = RegisterOperationBenchmarks({"max_pool_3x3"});

}  // namespace
}  // namespace ssnas
