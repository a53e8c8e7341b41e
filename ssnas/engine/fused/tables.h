// A convolution's weights as the kernels read them.
#ifndef SSNAS_ENGINE_FUSED_TABLES_H_
#define SSNAS_ENGINE_FUSED_TABLES_H_

#include <cstdint>
#include <vector>

#include "ssnas/engine/fused/program.h"
#include "ssnas/engine/pointwise.h"

namespace ssnas::fused {

// Of k rows and n columns, packed for one of two kernels.
struct PackedMatrix {
  std::vector<float> floats;    // k × PackedColumns(n), for Gemm; or
  std::vector<uint32_t> pairs;  // Bf16Words(k, n), for GemmBf16
};

// c[m][n] = Σ_k a[m][k] · b[first + k][n]; `first` is 0 where b is of pairs.
void Multiply(const float* a, int64_t lda, int64_t m, int64_t k, const PackedMatrix& b,
              int64_t first, int64_t n, float* c, int64_t ldc);

struct ConvTables {
  // taps × spread: depthwise filters; all ones where a tap's input is taken as it is.
  std::vector<float> filters;
  // k × out where row k = tap · in + i for a dense convolution, else i.
  PackedMatrix forward;
  // The transposed matrix, for gradients: (taps × out) × in.
  PackedMatrix backward;
};

// `backward`: a backward pass follows. Pointwise::kBf16 (only where HasBf16()) makes pairs, but for
// a dense convolution.
ConvTables MakeTables(const ConvPlan& conv, const float* weights, bool backward,
                      Pointwise pointwise);

// Floats of an item's partial weight gradients: filters (taps × spread), then the matrix as
// ConvTables::forward, in rows of PackedColumns(out).
int64_t FilterSums(const ConvPlan& conv);
int64_t MatrixSums(const ConvPlan& conv);

// gradients[…] += Σ over items of `sums` (item i at sums + i·stride), in order, in double.
void AddWeightGradients(const ConvPlan& conv, const float* sums, int64_t items, int64_t stride,
                        float* gradients);

}  // namespace ssnas::fused

#endif  // SSNAS_ENGINE_FUSED_TABLES_H_
