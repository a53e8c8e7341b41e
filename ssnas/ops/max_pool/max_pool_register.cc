#include "ssnas/core/registry.h"
#include "ssnas/ops/max_pool/max_pool.h"
#include "ssnas/ops/max_pool/max_pool.pb.h"

namespace ssnas {

SSNAS_REGISTER(Operation, MaxPoolConfig, MaxPool::Create, "max_pool_3x3", "kernel: 3",
               "Max pooling 3×3");

}  // namespace ssnas
