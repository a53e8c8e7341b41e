#include "ssnas/objectives/nt_xent/nt_xent_tiles.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ssnas/objectives/nt_xent/nt_xent_tiles.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>

HWY_BEFORE_NAMESPACE();
namespace ssnas {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// Cosines that are left out: so far below the others that their exponential is 0.
constexpr double kLeftOut = -1e30;
constexpr int64_t kSide = kNtXentBlock;
// Terms of a sum before it joins the others': a cosine near 1 of 128 terms loses a third as much to
// rounding as in one chain, which low temperatures magnify, for 2 % of the time.
constexpr int64_t kChain = 32;

// Two vectors a row keep 2 · kStep chains of multiply-adds in flight, in 16 or in 8 registers.
#if HWY_TARGET <= HWY_AVX3 || HWY_TARGET == HWY_NEON
constexpr int64_t kStep = 8;
#else
constexpr int64_t kStep = 4;
#endif

// a(i, l) = data[i · row + l · term]
template <typename T>
struct Left {
  const T* data;
  int64_t row, term;
};

// c[kStep × two vectors] = (kAdd ? c : 0) + Σ_l a(i, l) · b[l · b_row …]; the sum is one chain over
// l.
template <bool kAdd, typename T>
HWY_INLINE void Product(int64_t terms, Left<T> a, const T* HWY_RESTRICT b, int64_t b_row,
                        T* HWY_RESTRICT c, int64_t c_row) {
  const hn::ScalableTag<T> d;
  using V = hn::Vec<decltype(d)>;
  constexpr int64_t kLanes = hn::MaxLanes(d);
  V sums[kStep][2];
#pragma GCC unroll 8
  for (int64_t i = 0; i < kStep; ++i) sums[i][0] = sums[i][1] = hn::Zero(d);
  for (int64_t l = 0; l < terms; ++l) {
    const V b0 = hn::Load(d, b + l * b_row), b1 = hn::Load(d, b + l * b_row + kLanes);
#pragma GCC unroll 8
    for (int64_t i = 0; i < kStep; ++i) {
      const V factor = hn::Set(d, a.data[i * a.row + l * a.term]);
      sums[i][0] = hn::MulAdd(factor, b0, sums[i][0]);
      sums[i][1] = hn::MulAdd(factor, b1, sums[i][1]);
    }
  }
#pragma GCC unroll 8
  for (int64_t i = 0; i < kStep; ++i) {
    T* const at = c + i * c_row;
    hn::Store(kAdd ? hn::Add(hn::Load(d, at), sums[i][0]) : sums[i][0], d, at);
    hn::Store(kAdd ? hn::Add(hn::Load(d, at + kLanes), sums[i][1]) : sums[i][1], d, at + kLanes);
  }
}

// c[rows × columns] (+)= a · b, rounded up to whole steps and vectors.
template <bool kAdd, typename T>
void Multiply(int64_t rows, int64_t columns, int64_t terms, Left<T> a, const T* b, int64_t b_row,
              T* c, int64_t c_row) {
  constexpr int64_t kColumns = 2 * hn::MaxLanes(hn::ScalableTag<T>());
  for (int64_t j = 0; j < columns; j += kColumns) {
    for (int64_t i = 0; i < rows; i += kStep) {
      Left<T> part{a.data + i * a.row, a.row, a.term};
      T* const at = c + i * c_row + j;
      const int64_t first = std::min(terms, kChain);
      Product<kAdd>(first, part, b + j, b_row, at, c_row);
      for (int64_t l = first; l < terms; l += kChain) {
        part.data = a.data + i * a.row + l * a.term;
        Product<true>(std::min(terms - l, kChain), part, b + l * b_row + j, b_row, at, c_row);
      }
    }
  }
}

// One pair of blocks.
template <typename T>
struct Tile {
  const NtXentBatch<T>& batch;
  int64_t first_i, first_j, rows, columns;
  // Both of whole vectors; the rows beyond `rows` hold zeros, the columns beyond `columns` are left
  // out.
  HWY_ALIGN T cosines[kSide * kSide];

  Tile(const NtXentBatch<T>& batch, int64_t i, int64_t j)
      : batch(batch),
        first_i(i * kSide),
        first_j(j * kSide),
        rows(std::min(kSide, batch.rows - first_i)),
        columns(std::min(kSide, batch.rows - first_j)) {
    Multiply<false>(rows, columns, batch.size,
                    Left<T>{batch.unit + first_i * batch.width, batch.width, 1},
                    batch.transposed + first_j * batch.size, kSide, cosines, kSide);
    if (columns == kSide) return;
    for (int64_t r = 0; r < rows; ++r) {
      std::fill(cosines + r * kSide + columns, cosines + (r + 1) * kSide, T(kLeftOut));
    }
  }

  bool diagonal() const { return first_i == first_j; }

  // Calls use(row, cosine) for each pair of an image's views, and leaves that and each row's cosine
  // with itself out.
  template <typename Use>
  HWY_INLINE void LeaveOut(const Use& use) {
    for (int64_t r = 0; r < rows; ++r) {
      const int64_t row = first_i + r, half = batch.rows / 2;
      const int64_t pair = (row < half ? row + half : row - half) - first_j;
      if (pair >= 0 && pair < columns) {
        use(row, cosines[r * kSide + pair]);
        cosines[r * kSide + pair] = T(kLeftOut);
      }
      if (diagonal()) cosines[r * kSide + r] = T(kLeftOut);
    }
  }
};

// A block's rows in a tile: their largest cosine so far, and Σ exp((c − largest)/τ) of the tile.
template <typename T>
struct Statistics {
  HWY_ALIGN T largest[kSide];
  HWY_ALIGN T sums[kSide];

  // Into the block's statistics, which move from their old largest to the new one.
  void Merge(int64_t count, T inverse_temperature, T* old_largest, double* total) const {
    for (int64_t r = 0; r < count; ++r) {
      if (largest[r] > old_largest[r]) {
        total[r] *= std::exp(double{old_largest[r] - largest[r]} * inverse_temperature);
        old_largest[r] = largest[r];
      }
      total[r] += sums[r];
    }
  }
};

template <typename T>
void RowStatistics(const Tile<T>& tile, Statistics<T>* out) {
  const hn::ScalableTag<T> d;
  using V = hn::Vec<decltype(d)>;
  constexpr int64_t kLanes = hn::MaxLanes(d);
  const V inverse = hn::Set(d, tile.batch.inverse_temperature);
  for (int64_t r = 0; r < tile.rows; ++r) {
    const T* row = tile.cosines + r * kSide;
    V largest = hn::Set(d, tile.batch.largest[tile.first_i + r]);
    for (int64_t c = 0; c < tile.columns; c += kLanes) {
      largest = hn::Max(largest, hn::Load(d, row + c));
    }
    largest = hn::MaxOfLanes(d, largest);
    V sum = hn::Zero(d);
    for (int64_t c = 0; c < tile.columns; c += kLanes) {
      const V exponent = hn::Mul(hn::Sub(hn::Load(d, row + c), largest), inverse);
      sum = hn::Add(sum, hn::Exp(d, exponent));
    }
    out->largest[r] = hn::GetLane(largest);
    out->sums[r] = hn::GetLane(hn::SumOfLanes(d, sum));
  }
}

template <typename T>
void ColumnStatistics(const Tile<T>& tile, Statistics<T>* out) {
  const hn::ScalableTag<T> d;
  using V = hn::Vec<decltype(d)>;
  constexpr int64_t kLanes = hn::MaxLanes(d);
  const V inverse = hn::Set(d, tile.batch.inverse_temperature);
  for (int64_t c = 0; c < tile.columns; c += kLanes) {
    V largest = hn::LoadU(d, tile.batch.largest + tile.first_j + c);
    for (int64_t r = 0; r < tile.rows; ++r) {
      largest = hn::Max(largest, hn::Load(d, tile.cosines + r * kSide + c));
    }
    V sum = hn::Zero(d);
    for (int64_t r = 0; r < tile.rows; ++r) {
      const V cosine = hn::Load(d, tile.cosines + r * kSide + c);
      sum = hn::Add(sum, hn::Exp(d, hn::Mul(hn::Sub(cosine, largest), inverse)));
    }
    hn::Store(largest, d, out->largest + c);
    hn::Store(sum, d, out->sums + c);
  }
}

template <typename T>
void Forward(const NtXentBatch<T>& batch, int64_t i, int64_t j) {
  Tile<T> tile(batch, i, j);
  const int64_t half = batch.rows / 2;
  tile.LeaveOut([&batch, half](int64_t row, T cosine) {
    batch.own[row] = cosine;
    batch.own[row < half ? row + half : row - half] = cosine;
  });
  Statistics<T> of_rows, of_columns;
  RowStatistics(tile, &of_rows);
  if (!tile.diagonal()) ColumnStatistics(tile, &of_columns);
  const T inverse = batch.inverse_temperature;
  of_rows.Merge(tile.rows, inverse, batch.largest + tile.first_i, batch.total + tile.first_i);
  if (tile.diagonal()) return;
  of_columns.Merge(tile.columns, inverse, batch.largest + tile.first_j, batch.total + tile.first_j);
}

// Cosines become w, in place.
template <typename T>
void Weights(Tile<T>* tile) {
  const hn::ScalableTag<T> d;
  using V = hn::Vec<decltype(d)>;
  constexpr int64_t kLanes = hn::MaxLanes(d);
  const NtXentBatch<T>& batch = tile->batch;
  const V inverse = hn::Set(d, batch.inverse_temperature);
  for (int64_t c = 0; c < tile->columns; c += kLanes) {
    const V largest_k = hn::LoadU(d, batch.largest + tile->first_j + c);
    const V share_k = hn::LoadU(d, batch.share + tile->first_j + c);
    for (int64_t r = 0; r < tile->rows; ++r) {
      const V largest_i = hn::Set(d, batch.largest[tile->first_i + r]);
      const V share_i = hn::Set(d, batch.share[tile->first_i + r]);
      T* at = tile->cosines + r * kSide + c;
      const V cosine = hn::Load(d, at);
      const V p_i = hn::Exp(d, hn::Mul(hn::Sub(cosine, largest_i), inverse));
      const V p_k = hn::Exp(d, hn::Mul(hn::Sub(cosine, largest_k), inverse));
      hn::Store(hn::MulAdd(p_i, share_i, hn::Mul(p_k, share_k)), d, at);
    }
  }
}

template <typename T>
void Backward(const NtXentBatch<T>& batch, int64_t i, int64_t j) {
  Tile<T> tile(batch, i, j);
  tile.LeaveOut([](int64_t, T) {});
  Weights(&tile);
  const int64_t width = batch.width;
  const T *unit_i = batch.unit + tile.first_i * width, *unit_j = batch.unit + tile.first_j * width;
  Multiply<true>(tile.rows, width, tile.columns, Left<T>{tile.cosines, kSide, 1}, unit_j, width,
                 batch.gradient + tile.first_i * width, width);
  if (tile.diagonal()) return;
  Multiply<true>(tile.columns, width, tile.rows, Left<T>{tile.cosines, 1, kSide}, unit_i, width,
                 batch.gradient + tile.first_j * width, width);
}

void ForwardFloat(const NtXentBatch<float>& batch, int64_t i, int64_t j) { Forward(batch, i, j); }
void ForwardDouble(const NtXentBatch<double>& batch, int64_t i, int64_t j) { Forward(batch, i, j); }
void BackwardFloat(const NtXentBatch<float>& batch, int64_t i, int64_t j) { Backward(batch, i, j); }
void BackwardDouble(const NtXentBatch<double>& batch, int64_t i, int64_t j) {
  Backward(batch, i, j);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace ssnas
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ssnas {

HWY_EXPORT(ForwardFloat);
HWY_EXPORT(ForwardDouble);
HWY_EXPORT(BackwardFloat);
HWY_EXPORT(BackwardDouble);

template <>
void NtXentForwardTile(const NtXentBatch<float>& batch, int64_t i, int64_t j) {
  HWY_DYNAMIC_DISPATCH(ForwardFloat)(batch, i, j);
}
template <>
void NtXentForwardTile(const NtXentBatch<double>& batch, int64_t i, int64_t j) {
  HWY_DYNAMIC_DISPATCH(ForwardDouble)(batch, i, j);
}
template <>
void NtXentBackwardTile(const NtXentBatch<float>& batch, int64_t i, int64_t j) {
  HWY_DYNAMIC_DISPATCH(BackwardFloat)(batch, i, j);
}
template <>
void NtXentBackwardTile(const NtXentBatch<double>& batch, int64_t i, int64_t j) {
  HWY_DYNAMIC_DISPATCH(BackwardDouble)(batch, i, j);
}

}  // namespace ssnas
#endif  // HWY_ONCE
