#include "ssnas/core/registry.h"
#include "ssnas/datasets/synthetic/synthetic.h"
#include "ssnas/datasets/synthetic/synthetic.pb.h"

namespace ssnas {

SSNAS_REGISTER(Dataset, SyntheticConfig, Synthetic::Create, "synthetic", "",
               "Generated coloured shapes, to try every stage without data");

}  // namespace ssnas
