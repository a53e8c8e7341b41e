// A convolution's weights as the kernels read them.
#ifndef SSNAS_ENGINE_FUSED_TABLES_H_
#define SSNAS_ENGINE_FUSED_TABLES_H_

#include <cstdint>
#include <vector>

#include "ssnas/engine/fused/program.h"

namespace ssnas::fused {

struct ConvTables {
  // taps × spread: depthwise filters; all ones where a tap's input is taken as it is.
  std::vector<float> filters;
  // k × PackedColumns(out) where row k = tap · in + i for a dense convolution, else i.
  std::vector<float> forward;
  // The transposed matrix, for gradients: taps × out × PackedColumns(in).
  std::vector<float> backward;
};

// `backward`: a backward pass follows.
ConvTables MakeTables(const ConvPlan& conv, const float* weights, bool backward);

// Floats of an item's partial weight gradients: filters (taps × spread), then the matrix as
// ConvTables::forward.
int64_t FilterSums(const ConvPlan& conv);
int64_t MatrixSums(const ConvPlan& conv);

// gradients[…] += Σ over items of `sums` (item i at sums + i·stride), in order, in double.
void AddWeightGradients(const ConvPlan& conv, const float* sums, int64_t items, int64_t stride,
                        float* gradients);

}  // namespace ssnas::fused

#endif  // SSNAS_ENGINE_FUSED_TABLES_H_
