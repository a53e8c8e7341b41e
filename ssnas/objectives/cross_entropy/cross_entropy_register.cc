#include "ssnas/objectives/cross_entropy/cross_entropy.h"

namespace ssnas {

SSNAS_REGISTER(Objective, CrossEntropyConfig, MakeCrossEntropy, "cross_entropy", "",
               "Cross-entropy of a linear classifier; reads labels");

}  // namespace ssnas
