// Times none: //ssnas/ops/none:none_benchmark.
#include "ssnas/ops/testing/operation_benchmark.h"

namespace ssnas {
namespace {

const int registered = RegisterOperationBenchmarks({"none"});

}  // namespace
}  // namespace ssnas
