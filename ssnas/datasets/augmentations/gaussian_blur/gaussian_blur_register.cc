#include "ssnas/core/registry.h"
#include "ssnas/datasets/augmentations/gaussian_blur/gaussian_blur.h"
#include "ssnas/datasets/augmentations/gaussian_blur/gaussian_blur.pb.h"

namespace ssnas {

SSNAS_REGISTER(Augmentation, GaussianBlurConfig, GaussianBlur::Create, "gaussian_blur", "",
               "Gaussian blur of a random width, half of the time");

}  // namespace ssnas
