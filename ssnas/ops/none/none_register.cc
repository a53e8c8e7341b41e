#include "ssnas/core/registry.h"
#include "ssnas/ops/none/none.h"
#include "ssnas/ops/none/none.pb.h"

namespace ssnas {

SSNAS_REGISTER(Operation, NoneConfig, NoneOperation::Create, "none", "", "No connection: zero");

}  // namespace ssnas
