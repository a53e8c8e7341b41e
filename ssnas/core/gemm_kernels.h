// The innermost loops of ssnas/core/gemm.h, one for each instruction set. For gemm.cc and its
// tests.
//
// tile(terms, a, b, sums): sums[i·columns + j] = Σ_{l < terms} a[l·rows + i] · b[l·columns + j],
// overwritten. Each element is one chain over l = 0, 1, …, so lanes and tile sizes play no part in
// rounding: "AVX-512" and "AVX2" multiply and add in one rounding and give the same bits,
// "baseline" rounds twice.
#ifndef SSNAS_CORE_GEMM_KERNELS_H_
#define SSNAS_CORE_GEMM_KERNELS_H_

#include <cstdint>
#include <vector>

namespace ssnas {

template <typename T>
struct GemmKernel {
  const char* name;  // a value of CpuFeatures()
  int64_t rows, columns;
  void (*tile)(int64_t terms, const T* a, const T* b, T* sums);
};

inline constexpr int64_t kMaxGemmTile = 8 * 32;  // elements of the largest tile

// What this CPU can run, best first, "baseline" last.
template <typename T>
std::vector<GemmKernel<T>> GemmKernels();

}  // namespace ssnas

#endif  // SSNAS_CORE_GEMM_KERNELS_H_
