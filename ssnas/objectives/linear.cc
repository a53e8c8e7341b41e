#include "ssnas/objectives/linear.h"

#include <algorithm>

#include "ssnas/core/gemm.h"

namespace ssnas {

void AddLinear(const std::string& name, const LinearShape& shape,
               std::vector<ParameterSpec>* specs) {
  specs->push_back({name + ".weight", {shape.out, shape.in}, Init::kUniformFanIn, shape.in});
  specs->push_back({name + ".bias", {shape.out}, Init::kUniformFanIn, shape.in});
}

template <typename T>
void LinearForward(const LinearShape& shape, int64_t rows, const T* weights, const T* x, T* y) {
  const T* bias = weights + shape.out * shape.in;
  for (int64_t row = 0; row < rows; ++row) std::copy_n(bias, shape.out, y + row * shape.out);
  GemmNT(rows, shape.out, shape.in, x, weights, y);
}

template <typename T>
void LinearBackward(const LinearShape& shape, int64_t rows, const T* weights, const T* x,
                    const T* y_gradient, T* weight_gradients, T* x_gradient) {
  if (weight_gradients != nullptr) {
    GemmTN(shape.out, shape.in, rows, y_gradient, x, weight_gradients);
    T* bias = weight_gradients + shape.out * shape.in;
    for (int64_t row = 0; row < rows; ++row) {
      for (int64_t j = 0; j < shape.out; ++j) bias[j] += y_gradient[row * shape.out + j];
    }
  }
  if (x_gradient != nullptr) GemmNN(rows, shape.in, shape.out, y_gradient, weights, x_gradient);
}

template void LinearForward<float>(const LinearShape&, int64_t, const float*, const float*, float*);
template void LinearForward<double>(const LinearShape&, int64_t, const double*, const double*,
                                    double*);
template void LinearBackward<float>(const LinearShape&, int64_t, const float*, const float*,
                                    const float*, float*, float*);
template void LinearBackward<double>(const LinearShape&, int64_t, const double*, const double*,
                                     const double*, double*, double*);

}  // namespace ssnas
