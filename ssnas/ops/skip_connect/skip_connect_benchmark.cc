// Times skip_connect: //ssnas/ops/skip_connect:skip_connect_benchmark.
#include "ssnas/ops/testing/operation_benchmark.h"

namespace ssnas {
namespace {

const int registered = RegisterOperationBenchmarks({"skip_connect"});

}  // namespace
}  // namespace ssnas
