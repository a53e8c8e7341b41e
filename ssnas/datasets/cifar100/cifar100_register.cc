#include "ssnas/core/registry.h"
#include "ssnas/datasets/cifar100/cifar100.h"
#include "ssnas/datasets/cifar100/cifar100.pb.h"

namespace ssnas {

SSNAS_REGISTER(Dataset, Cifar100Config, Cifar100::Create, "cifar100", "",
               "CIFAR-100, binary version, from --data_dir");

}  // namespace ssnas
