#include "ssnas/core/registry.h"
#include "ssnas/ops/skip_connect/skip_connect.h"
#include "ssnas/ops/skip_connect/skip_connect.pb.h"

namespace ssnas {

SSNAS_REGISTER(Operation, SkipConnectConfig, SkipConnect::Create, "skip_connect", "",
               "Skip connection; halves the size at stride 2");

}  // namespace ssnas
