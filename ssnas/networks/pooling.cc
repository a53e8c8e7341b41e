#include "ssnas/networks/pooling.h"

#include <algorithm>
#include <vector>

namespace ssnas {

template <typename T>
void GlobalAveragePool(View4<const T> x, T* pooled) {
  const int64_t pixels = x.shape.h * x.shape.w, channels = x.shape.c;
  std::vector<double> sums(channels);
  for (int64_t n = 0; n < x.shape.n; ++n) {
    std::fill(sums.begin(), sums.end(), 0.0);
    const T* image = x.data + n * pixels * channels;
    for (int64_t p = 0; p < pixels; ++p) {
      for (int64_t c = 0; c < channels; ++c) sums[c] += image[p * channels + c];
    }
    for (int64_t c = 0; c < channels; ++c) {
      pooled[n * channels + c] = static_cast<T>(sums[c] / static_cast<double>(pixels));
    }
  }
}

template <typename T>
void GlobalAveragePoolBackward(const T* pooled_gradient, View4<T> gradient) {
  const int64_t pixels = gradient.shape.h * gradient.shape.w, channels = gradient.shape.c;
  const T scale = T{1} / static_cast<T>(pixels);
  for (int64_t n = 0; n < gradient.shape.n; ++n) {
    const T* row = pooled_gradient + n * channels;
    T* image = gradient.data + n * pixels * channels;
    for (int64_t p = 0; p < pixels; ++p) {
      for (int64_t c = 0; c < channels; ++c) image[p * channels + c] += row[c] * scale;
    }
  }
}

template void GlobalAveragePool<float>(View4<const float>, float*);
template void GlobalAveragePool<double>(View4<const double>, double*);
template void GlobalAveragePoolBackward<float>(const float*, View4<float>);
template void GlobalAveragePoolBackward<double>(const double*, View4<double>);

}  // namespace ssnas
