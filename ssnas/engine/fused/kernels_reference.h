// kernels.h as it reads: one loop a formula, in double. The oracle of kernels_test, and what to
// read first.
//
// `magnitudes`, where a function takes it, receives the sum of the absolute values of the terms
// that each result adds up: what a rounding bound needs.
#ifndef SSNAS_ENGINE_FUSED_KERNELS_REFERENCE_H_
#define SSNAS_ENGINE_FUSED_KERNELS_REFERENCE_H_

#include <cstdint>
#include <vector>

#include "ssnas/engine/fused/kernels.h"

namespace ssnas::fused {

struct ReferenceSums {
  std::vector<double> values;
  std::vector<double> magnitudes;

  explicit ReferenceSums(int64_t size) : values(size, 0.0), magnitudes(size, 0.0) {}
  void Add(int64_t i, double term) {
    values[i] += term;
    magnitudes[i] += term < 0 ? -term : term;
  }
};

// rows × count, dense.
ReferenceSums ReferenceTapSum(const std::vector<TapRun>& runs, const TapRows& rows);
// taps × v, tap by tap of run after run.
ReferenceSums ReferenceTapGradient(const std::vector<FilterRun>& runs, const TapRows& rows,
                                   const float* gradient);
// m × n, dense.
ReferenceSums ReferenceGemm(const float* a, int64_t lda, int64_t m, int64_t k, const float* b,
                            int64_t n);
// The same with both operands rounded to bf16: to 8 significant bits, to the nearest, ties to even.
ReferenceSums ReferenceGemmBf16(const float* a, int64_t lda, int64_t m, int64_t k, const float* b,
                                int64_t n);
// k × PackedColumns(n).
ReferenceSums ReferenceGemmGradient(const float* a, int64_t lda, const float* g, int64_t ldg,
                                    int64_t m, int64_t k, int64_t n);
ReferenceSums ReferenceLinearSum(const std::vector<Term>& terms, const float* constant, int64_t v,
                                 int64_t count);
// Σ g · (z − center), spread; `center` may be null.
ReferenceSums ReferenceProducts(const float* g, const float* z, const float* center, int64_t v,
                                int64_t count);
// One image.
ReferenceSums ReferencePool(const float* x, const PoolShape& shape, bool maximum);
ReferenceSums ReferencePoolGradient(const float* x, const float* dy, const PoolShape& shape,
                                    bool maximum);

}  // namespace ssnas::fused

#endif  // SSNAS_ENGINE_FUSED_KERNELS_REFERENCE_H_
