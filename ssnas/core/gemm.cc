#include "ssnas/core/gemm.h"

#include <algorithm>
#include <vector>

namespace ssnas {
namespace {

// Compiled for each instruction set, chosen at load. Results differ between CPUs in rounding (fused
// multiply-add), never between runs on one.
#if defined(__x86_64__)
#define SSNAS_CLONES __attribute__((target_clones("avx512f", "arch=haswell", "default")))
#else
#define SSNAS_CLONES
#endif

// c += Σ_{r < 4} x[r] · b[r], rows of length n: four rows at once spare three reads and writes of c.
template <typename T>
inline __attribute__((always_inline)) void AddRows(int64_t n, int64_t rows, const T* x, int64_t step,
                                                   const T* b, T* c) {
  int64_t r = 0;
  for (; r + 4 <= rows; r += 4) {
    const T x0 = x[r * step], x1 = x[(r + 1) * step], x2 = x[(r + 2) * step], x3 = x[(r + 3) * step];
    const T *b0 = b + r * n, *b1 = b0 + n, *b2 = b1 + n, *b3 = b2 + n;
    for (int64_t j = 0; j < n; ++j) c[j] = c[j] + x0 * b0[j] + x1 * b1[j] + x2 * b2[j] + x3 * b3[j];
  }
  for (; r < rows; ++r) {
    for (int64_t j = 0; j < n; ++j) c[j] += x[r * step] * b[r * n + j];
  }
}

SSNAS_CLONES void NN(int64_t m, int64_t n, int64_t k, const float* a, const float* b, float* c) {
  for (int64_t i = 0; i < m; ++i) AddRows(n, k, a + i * k, 1, b, c + i * n);
}
SSNAS_CLONES void NN(int64_t m, int64_t n, int64_t k, const double* a, const double* b, double* c) {
  for (int64_t i = 0; i < m; ++i) AddRows(n, k, a + i * k, 1, b, c + i * n);
}
SSNAS_CLONES void TN(int64_t m, int64_t n, int64_t k, const float* a, const float* b, float* c) {
  for (int64_t i = 0; i < m; ++i) AddRows(n, k, a + i, m, b, c + i * n);
}
SSNAS_CLONES void TN(int64_t m, int64_t n, int64_t k, const double* a, const double* b, double* c) {
  for (int64_t i = 0; i < m; ++i) AddRows(n, k, a + i, m, b, c + i * n);
}

}  // namespace

template <typename T>
void GemmNN(int64_t m, int64_t n, int64_t k, const T* a, const T* b, T* c) {
  NN(m, n, k, a, b, c);
}

template <typename T>
void GemmTN(int64_t m, int64_t n, int64_t k, const T* a, const T* b, T* c) {
  TN(m, n, k, a, b, c);
}

template <typename T>
void GemmNT(int64_t m, int64_t n, int64_t k, const T* a, const T* b, T* c) {
  // b transposed once: rows of c can then be summed as whole vectors.
  std::vector<T> transposed(n * k);
  for (int64_t j = 0; j < n; ++j) {
    for (int64_t l = 0; l < k; ++l) transposed[l * n + j] = b[j * k + l];
  }
  NN(m, n, k, a, transposed.data(), c);
}

template void GemmNN<float>(int64_t, int64_t, int64_t, const float*, const float*, float*);
template void GemmNN<double>(int64_t, int64_t, int64_t, const double*, const double*, double*);
template void GemmNT<float>(int64_t, int64_t, int64_t, const float*, const float*, float*);
template void GemmNT<double>(int64_t, int64_t, int64_t, const double*, const double*, double*);
template void GemmTN<float>(int64_t, int64_t, int64_t, const float*, const float*, float*);
template void GemmTN<double>(int64_t, int64_t, int64_t, const double*, const double*, double*);

}  // namespace ssnas
