#include "ssnas/core/registry.h"
#include "ssnas/datasets/stl10/stl10.h"
#include "ssnas/datasets/stl10/stl10.pb.h"

namespace ssnas {

SSNAS_REGISTER(Dataset, Stl10Config, Stl10::Create, "stl10", "",
               "STL-10, binary version, from --data_dir");

}  // namespace ssnas
