#include "ssnas/engine/fused/tables.h"

#include <algorithm>

#include "ssnas/engine/fused/bf16_kernels.h"
#include "ssnas/engine/fused/kernels.h"

namespace ssnas::fused {
namespace {

int64_t MatrixTaps(const ConvPlan& conv) { return conv.dense() ? conv.taps() : 1; }

// weight[out][in][tap], as in PyTorch.
int64_t WeightIndex(const ConvPlan& conv, int64_t out, int64_t in, int64_t tap) {
  return (out * conv.in_channels + in) * MatrixTaps(conv) + tap;
}

// Adds one value of every item, in double.
double SumItems(const float* sums, int64_t items, int64_t stride) {
  double sum = 0;
  for (int64_t i = 0; i < items; ++i) sum += sums[i * stride];
  return sum;
}

PackedMatrix ToPairs(const PackedMatrix& matrix, int64_t k, int64_t n) {
  PackedMatrix packed;
  packed.pairs.resize(Bf16Words(k, n));
  PackBf16(matrix.floats.data(), PackedColumns(n), k, n, packed.pairs.data());
  return packed;
}

}  // namespace

void Multiply(const float* a, int64_t lda, int64_t m, int64_t k, const PackedMatrix& b,
              int64_t first, int64_t n, float* c, int64_t ldc) {
  if (!b.pairs.empty()) return GemmBf16(a, lda, m, k, b.pairs.data(), n, c, ldc);
  Gemm(a, lda, m, k, b.floats.data() + first * PackedColumns(n), n, c, ldc);
}

ConvTables MakeTables(const ConvPlan& conv, const float* weights, bool backward,
                      Pointwise pointwise) {
  ConvTables tables;
  const int64_t spread = SpreadSize(conv.in_channels), taps = conv.taps();
  tables.filters.assign(taps * spread, 1.0F);
  if (conv.depthwise >= 0) {
    const float* filters = weights + conv.depthwise;
    for (int64_t t = 0; t < taps; ++t) {
      for (int64_t i = 0; i < spread; ++i) {
        tables.filters[t * spread + i] = filters[(i % conv.in_channels) * taps + t];
      }
    }
  }
  if (conv.gemm < 0) return tables;
  const bool pairs = pointwise == Pointwise::kBf16 && !conv.dense();
  const float* matrix = weights + conv.gemm;
  const int64_t columns = PackedColumns(conv.out_channels);
  tables.forward.floats.assign(MatrixTaps(conv) * conv.in_channels * columns, 0.0F);
  for (int64_t t = 0; t < MatrixTaps(conv); ++t) {
    for (int64_t i = 0; i < conv.in_channels; ++i) {
      float* row = tables.forward.floats.data() + (t * conv.in_channels + i) * columns;
      for (int64_t o = 0; o < conv.out_channels; ++o) row[o] = matrix[WeightIndex(conv, o, i, t)];
    }
  }
  if (pairs) tables.forward = ToPairs(tables.forward, conv.in_channels, conv.out_channels);
  if (!backward) return tables;
  const int64_t transposed = PackedColumns(conv.in_channels);
  tables.backward.floats.assign(MatrixTaps(conv) * conv.out_channels * transposed, 0.0F);
  for (int64_t t = 0; t < MatrixTaps(conv); ++t) {
    for (int64_t o = 0; o < conv.out_channels; ++o) {
      float* row = tables.backward.floats.data() + (t * conv.out_channels + o) * transposed;
      for (int64_t i = 0; i < conv.in_channels; ++i) row[i] = matrix[WeightIndex(conv, o, i, t)];
    }
  }
  if (pairs) tables.backward = ToPairs(tables.backward, conv.out_channels, conv.in_channels);
  return tables;
}

int64_t FilterSums(const ConvPlan& conv) {
  return conv.depthwise < 0 ? 0 : conv.taps() * SpreadSize(conv.in_channels);
}

int64_t MatrixSums(const ConvPlan& conv) {
  return conv.gemm < 0 ? 0 : MatrixTaps(conv) * conv.in_channels * PackedColumns(conv.out_channels);
}

void AddWeightGradients(const ConvPlan& conv, const float* sums, int64_t items, int64_t stride,
                        float* gradients) {
  if (conv.depthwise >= 0) {
    const int64_t spread = SpreadSize(conv.in_channels);
    for (int64_t t = 0; t < conv.taps(); ++t) {
      for (int64_t c = 0; c < conv.in_channels; ++c) {
        double sum = 0;
        for (int64_t j = c; j < spread; j += conv.in_channels) {
          sum += SumItems(sums + t * spread + j, items, stride);
        }
        gradients[conv.depthwise + c * conv.taps() + t] += static_cast<float>(sum);
      }
    }
  }
  if (conv.gemm < 0) return;
  sums += FilterSums(conv);
  const int64_t columns = PackedColumns(conv.out_channels);
  std::vector<double> row(columns);
  for (int64_t t = 0; t < MatrixTaps(conv); ++t) {
    for (int64_t i = 0; i < conv.in_channels; ++i) {
      // Row by row, so that memory is read in order.
      std::fill(row.begin(), row.end(), 0.0);
      const float* from = sums + (t * conv.in_channels + i) * columns;
      for (int64_t item = 0; item < items; ++item) {
        for (int64_t o = 0; o < columns; ++o) row[o] += from[item * stride + o];
      }
      for (int64_t o = 0; o < conv.out_channels; ++o) {
        gradients[conv.gemm + WeightIndex(conv, o, i, t)] += static_cast<float>(row[o]);
      }
    }
  }
}

}  // namespace ssnas::fused
