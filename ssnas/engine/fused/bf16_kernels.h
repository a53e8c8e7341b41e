// Pointwise convolutions on operands rounded to bfloat16, with sums in float32: the optional mode
// of the fused engine (engine/pointwise.h).
//
// AVX512-BF16 has an instruction that adds the products of two bf16 pairs to a float, twice a
// multiply-add's work. Highway 1.0.3 does not know it, hence intrinsics behind a check of the CPU.
// Rounding is to the nearest, ties to even; floats below 2⁻¹²⁶ count as zero.
//
// Example:
//   if (HasBf16()) {
//     std::vector<uint32_t> pairs(Bf16Words(k, n));
//     PackBf16(b, ldb, k, n, pairs.data());
//     GemmBf16(a, lda, m, k, pairs.data(), n, c, ldc);
//   }
#ifndef SSNAS_ENGINE_FUSED_BF16_KERNELS_H_
#define SSNAS_ENGINE_FUSED_BF16_KERNELS_H_

#include <cstdint>

namespace ssnas::fused {

// Whether this CPU has AVX512-BF16 and this build its code.
bool HasBf16();

// Words of a packed k × n matrix: a row for every two of the matrix, columns rounded up to 16.
int64_t Bf16Words(int64_t k, int64_t n);

// pairs[i][j] = bf16(b[2i][j]) in the low half, bf16(b[2i + 1][j]) in the high one; zero where the
// matrix ends. On any CPU.
void PackBf16(const float* b, int64_t ldb, int64_t k, int64_t n, uint32_t* pairs);

// c[m][n] = Σ_k bf16(a[m][k]) · bf16(b[k][n]), `pairs` from PackBf16: as Gemm of kernels.h. Only
// where HasBf16(). Every sum has one fixed order, whatever m and n.
void GemmBf16(const float* a, int64_t lda, int64_t m, int64_t k, const uint32_t* pairs, int64_t n,
              float* c, int64_t ldc);

}  // namespace ssnas::fused

#endif  // SSNAS_ENGINE_FUSED_BF16_KERNELS_H_
