// A linear layer, y = x Wᵀ + b, forward and backward: what heads are made of.
#ifndef SSNAS_OBJECTIVES_LINEAR_H_
#define SSNAS_OBJECTIVES_LINEAR_H_

#include <cstdint>
#include <string>
#include <vector>

#include "ssnas/core/parameters.h"

namespace ssnas {

struct LinearShape {
  int64_t in = 0, out = 0;

  int64_t weights() const { return out * in + out; }  // W [out × in], then b [out], side by side
};

// "<name>.weight" and "<name>.bias", initialised as PyTorch's nn.Linear.
void AddLinear(const std::string& name, const LinearShape& shape,
               std::vector<ParameterSpec>* specs);

// y [rows × out] is overwritten.
template <typename T>
void LinearForward(const LinearShape& shape, int64_t rows, const T* weights, const T* x, T* y);

// Adds to each gradient that is not null.
template <typename T>
void LinearBackward(const LinearShape& shape, int64_t rows, const T* weights, const T* x,
                    const T* y_gradient, T* weight_gradients, T* x_gradient);

}  // namespace ssnas

#endif  // SSNAS_OBJECTIVES_LINEAR_H_
