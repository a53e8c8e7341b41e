#include "ssnas/core/registry.h"
#include "ssnas/datasets/fashion_mnist/fashion_mnist.h"
#include "ssnas/datasets/fashion_mnist/fashion_mnist.pb.h"

namespace ssnas {

SSNAS_REGISTER(Dataset, FashionMnistConfig, FashionMnist::Create, "fashion_mnist", "",
               "Fashion-MNIST; comes with the build");

}  // namespace ssnas
