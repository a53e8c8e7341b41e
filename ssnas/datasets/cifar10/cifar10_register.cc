#include "ssnas/core/registry.h"
#include "ssnas/datasets/cifar10/cifar10.h"
#include "ssnas/datasets/cifar10/cifar10.pb.h"

namespace ssnas {

SSNAS_REGISTER(Dataset, Cifar10Config, Cifar10::Create, "cifar10", "",
               "CIFAR-10, binary version, from --data_dir");

}  // namespace ssnas
