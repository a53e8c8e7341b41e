// Small matrix products for heads, losses and probes: row-major, plain loops that the compiler vectorises.
//
// Every element is summed in one fixed order, whatever the machine's threads. (The networks' convolutions are
// the engines' business, not this one's.)
#ifndef SSNAS_CORE_GEMM_H_
#define SSNAS_CORE_GEMM_H_

#include <cstdint>

namespace ssnas {

// c[m×n] += a[m×k] · b[k×n]
template <typename T>
void GemmNN(int64_t m, int64_t n, int64_t k, const T* a, const T* b, T* c);
// c[m×n] += a[m×k] · b[n×k]ᵀ
template <typename T>
void GemmNT(int64_t m, int64_t n, int64_t k, const T* a, const T* b, T* c);
// c[m×n] += a[k×m]ᵀ · b[k×n]
template <typename T>
void GemmTN(int64_t m, int64_t n, int64_t k, const T* a, const T* b, T* c);

}  // namespace ssnas

#endif  // SSNAS_CORE_GEMM_H_
