#include "ssnas/core/registry.h"
#include "ssnas/ops/avg_pool/avg_pool.h"
#include "ssnas/ops/avg_pool/avg_pool.pb.h"

namespace ssnas {

SSNAS_REGISTER(Operation, AvgPoolConfig, AvgPool::Create, "avg_pool_3x3", "kernel: 3",
               "Average pooling 3×3, padding not counted");

}  // namespace ssnas
