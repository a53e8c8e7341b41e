#include "ssnas/core/gemm_kernels.h"

#include <cstring>
#include <string>

#include "absl/strings/match.h"
#include "ssnas/core/cpu.h"

namespace ssnas {
namespace {

// One tile: `kRows` rows of two vectors. The compiler lowers vectors to the function's own
// instruction set before it inlines, so a shared template would be lowered to the baseline: hence a
// macro. Explicit dispatch, because the resolvers that target_clones makes run before a sanitizer
// is ready for them.
#define SSNAS_GEMM_TILE(name, T, bytes, kRows, attributes)               \
  attributes void name(int64_t terms, const T* a, const T* b, T* sums) { \
    typedef T Vector __attribute__((vector_size(bytes)));                \
    constexpr int64_t kLanes = bytes / sizeof(T);                        \
    Vector sum[kRows][2] = {};                                           \
    for (int64_t l = 0; l < terms; ++l) {                                \
      Vector b0, b1;                                                     \
      std::memcpy(&b0, b + l * 2 * kLanes, bytes);                       \
      std::memcpy(&b1, b + l * 2 * kLanes + kLanes, bytes);              \
      _Pragma("GCC unroll 8") for (int64_t i = 0; i < kRows; ++i) {      \
        sum[i][0] += a[l * kRows + i] * b0;                              \
        sum[i][1] += a[l * kRows + i] * b1;                              \
      }                                                                  \
    }                                                                    \
    std::memcpy(sums, sum, sizeof(sum));                                 \
  }                                                                      \
  static_assert(kRows * 2 * bytes / sizeof(T) <= kMaxGemmTile, "a larger tile than promised")

// Two vectors a row keep 2·rows chains of multiply-adds in flight: AVX-512 has 32 registers for 16
// chains, the others 16 for 8 (latency 4 × 2 units).
SSNAS_GEMM_TILE(TileBaseline, float, 16, 4, );
SSNAS_GEMM_TILE(TileBaseline, double, 16, 4, );
#if defined(__x86_64__)
SSNAS_GEMM_TILE(TileAvx2, float, 32, 4, __attribute__((target("avx2,fma"))));
SSNAS_GEMM_TILE(TileAvx2, double, 32, 4, __attribute__((target("avx2,fma"))));
SSNAS_GEMM_TILE(TileAvx512, float, 64, 8, __attribute__((target("avx512f"))));
SSNAS_GEMM_TILE(TileAvx512, double, 64, 8, __attribute__((target("avx512f"))));
#endif

}  // namespace

template <typename T>
std::vector<GemmKernel<T>> GemmKernels() {
  constexpr int64_t kSize = sizeof(T);
  std::vector<GemmKernel<T>> kernels;
#if defined(__x86_64__)
  // Behind the maker's name.
  const std::string features = CpuFeatures();
  const bool avx512 = absl::EndsWith(features, "AVX-512");
  if (avx512) kernels.push_back({"AVX-512", 8, 128 / kSize, TileAvx512});
  if (avx512 || absl::EndsWith(features, "AVX2")) {
    kernels.push_back({"AVX2", 4, 64 / kSize, TileAvx2});
  }
#endif
  kernels.push_back({"baseline", 4, 32 / kSize, TileBaseline});
  return kernels;
}

template std::vector<GemmKernel<float>> GemmKernels<float>();
template std::vector<GemmKernel<double>> GemmKernels<double>();

}  // namespace ssnas
