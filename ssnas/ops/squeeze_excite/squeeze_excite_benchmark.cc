// Times squeeze_excite: //ssnas/ops/squeeze_excite:squeeze_excite_benchmark.
#include "ssnas/ops/testing/operation_benchmark.h"

namespace ssnas {
namespace {

const int registered = RegisterOperationBenchmarks({"squeeze_excite"});

}  // namespace
}  // namespace ssnas
