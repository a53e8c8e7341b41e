// Global average pooling between the last block and the representation h, forward and backward.
#ifndef SSNAS_NETWORKS_POOLING_H_
#define SSNAS_NETWORKS_POOLING_H_

#include "ssnas/core/tensor.h"

namespace ssnas {

// h[n, c] = mean over rows and columns of x[n, ·, ·, c], summed in double. `pooled`: n × c,
// overwritten.
template <typename T>
void GlobalAveragePool(View4<const T> x, T* pooled);

// Adds ∂L/∂h[n, c] / (H·W) to every pixel of `gradient`.
template <typename T>
void GlobalAveragePoolBackward(const T* pooled_gradient, View4<T> gradient);

}  // namespace ssnas

#endif  // SSNAS_NETWORKS_POOLING_H_
