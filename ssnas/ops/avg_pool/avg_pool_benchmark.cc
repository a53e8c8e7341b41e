// Times avg_pool_3x3: //ssnas/ops/avg_pool:avg_pool_benchmark.
#include "ssnas/ops/testing/operation_benchmark.h"

namespace ssnas {
namespace {

const int registered = RegisterOperationBenchmarks({"avg_pool_3x3"});

}  // namespace
}  // namespace ssnas
