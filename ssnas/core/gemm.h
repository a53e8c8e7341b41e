// Small matrix products for heads, losses and probes: row-major, on one thread.
//
// Each element is the sum of sums over kGemmTerms consecutive terms, in the order of the terms.
// Neither the other rows and columns nor where the matrix is cut play a part: callers may split
// rows among threads. Rounding: within any-order summation of T (ErrorBound of
// ssnas/core/testing/compare.h); CPUs with and without fused multiply-add differ within it, as run
// folders know (ssnas/core/cpu.h). Speed: docs/decisions/0004-small-matrix-products.md.
// (The networks' convolutions are the engines' business, not this one's.)
#ifndef SSNAS_CORE_GEMM_H_
#define SSNAS_CORE_GEMM_H_

#include <cstdint>

namespace ssnas {

// 128 terms · 32 columns · 4 B = 16 KiB of b and 4 KiB of a are what one tile reads: both stay in
// L1.
inline constexpr int64_t kGemmTerms = 128;

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
