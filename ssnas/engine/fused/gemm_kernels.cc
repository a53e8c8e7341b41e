// Pointwise convolutions: tall, thin matrix products with the output channels in vector lanes.
//
// Columns are taken in blocks of two registers, one, a half and a quarter, so that 8, 12 or 36
// channels waste no lane; rows in groups of kRows, whose sums stay in registers over all of k.
#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "ssnas/engine/fused/kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ssnas/engine/fused/gemm_kernels.cc"
#include "hwy/foreach_target.h"  // Must come before highway.h.
#include "hwy/highway.h"
#include "ssnas/engine/fused/loads-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ssnas::fused {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// 32 of them rather than 16.
constexpr bool kManyRegisters = HWY_TARGET <= HWY_AVX3 || HWY_TARGET == HWY_NEON;

template <int N>
using Tag = hn::CappedTag<float, N>;

struct Operands {
  const float* a;
  int64_t lda, k;
  const float* b;
  int64_t ldb;
  float* c;
  int64_t ldc;
};

// `live` < lanes: the last block, of which only so many columns exist. A pointer to every third row
// reaches all of them; a pointer a row would not fit the integer registers.
template <class D, int kRows, int kVectors>
HWY_INLINE void GemmTile(D d, const Operands& o, int64_t row, int64_t column, int64_t live) {
  using V = hn::Vec<D>;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const int64_t lda = o.lda;
  constexpr int kPointers = (kRows + 2) / 3;
  const float* a[kPointers];
#pragma GCC unroll 8
  for (int i = 0; i < kPointers; ++i) a[i] = o.a + (row + 3 * i) * lda;
  const float* b = o.b + column;
  V sums[kRows][kVectors];
#pragma GCC unroll 32
  for (int r = 0; r < kRows; ++r) {
    for (int j = 0; j < kVectors; ++j) sums[r][j] = hn::Zero(d);
  }
  for (int64_t k = 0; k < o.k; ++k, b += o.ldb) {
    V weights[kVectors];
#pragma GCC unroll 2
    for (int j = 0; j < kVectors; ++j) weights[j] = hn::LoadU(d, b + j * lanes);
#pragma GCC unroll 32
    for (int r = 0; r < kRows; ++r) {
      const V value = hn::Set(d, a[r / 3][r % 3 * lda]);
#pragma GCC unroll 2
      for (int j = 0; j < kVectors; ++j) sums[r][j] = hn::MulAdd(value, weights[j], sums[r][j]);
    }
#pragma GCC unroll 8
    for (int i = 0; i < kPointers; ++i) ++a[i];
  }
#pragma GCC unroll 32
  for (int r = 0; r < kRows; ++r) {
    float* c = o.c + (row + r) * o.ldc + column;
#pragma GCC unroll 2
    for (int j = 0; j < kVectors; ++j) {
      if (live >= lanes) {
        hn::StoreU(sums[r][j], d, c + j * lanes);
      } else {
        hn::BlendedStore(sums[r][j], hn::FirstN(d, live), d, c);
      }
    }
  }
}

template <int N, int kVectors>
HWY_INLINE void GemmColumns(const Operands& o, int64_t m, int64_t column, int64_t live) {
  const Tag<N> d;
  using D = Tag<N>;
  constexpr int kRows = !kManyRegisters ? (kVectors == 2 ? 6 : 8) : kVectors == 2 ? 12 : 16;
  int64_t row = 0;
  // 16 rows are better 8 and 8 than 12 and 4.
  for (; row + kRows <= m && (kRows != 12 || m - row != 16); row += kRows) {
    GemmTile<D, kRows, kVectors>(d, o, row, column, live);
  }
  if (kRows > 8) {
    for (; row + 8 <= m; row += 8) GemmTile<D, 8, kVectors>(d, o, row, column, live);
  }
  for (; row + 4 <= m; row += 4) GemmTile<D, 4, kVectors>(d, o, row, column, live);
  for (; row < m; ++row) GemmTile<D, 1, kVectors>(d, o, row, column, live);
}

// Cuts n columns into blocks: body(lanes, vectors, column, live columns).
template <class Body>
HWY_INLINE void ForColumns(int64_t n, const Body& body) {
  constexpr int kFull = static_cast<int>(HWY_MIN(HWY_LANES(float), kVirtualLanes));
  constexpr int kHalf = HWY_MAX(kFull / 2, 4), kQuarter = 4;
  using One = std::integral_constant<int, 1>;
  using Two = std::integral_constant<int, 2>;
  int64_t column = 0;
  for (; column + 2 * kFull <= n; column += 2 * kFull) {
    body(std::integral_constant<int, kFull>(), Two(), column, kFull);
  }
  for (; column + kFull <= n; column += kFull) {
    body(std::integral_constant<int, kFull>(), One(), column, kFull);
  }
  for (; column + kHalf <= n; column += kHalf) {
    body(std::integral_constant<int, kHalf>(), One(), column, kHalf);
  }
  for (; column < n; column += kQuarter) {
    body(std::integral_constant<int, kQuarter>(), One(), column,
         std::min<int64_t>(kQuarter, n - column));
  }
}

void Gemm(const float* a, int64_t lda, int64_t m, int64_t k, const float* b, int64_t n, float* c,
          int64_t ldc) {
  const Operands operands{a, lda, k, b, PackedColumns(n), c, ldc};
  ForColumns(n, [&](auto lanes, auto vectors, int64_t column, int64_t live) {
    GemmColumns<decltype(lanes)::value, decltype(vectors)::value>(operands, m, column, live);
  });
}

struct GradientOperands {
  const float* a;
  int64_t lda;
  const float* g;
  int64_t ldg, m;
  float* sums;
  int64_t lds;
};

// kInputs rows of the weights' gradient: outer products of inputs and output gradients.
template <class D, int kInputs, int kVectors>
HWY_INLINE void GradientTile(D d, const GradientOperands& o, int64_t input, int64_t column,
                             int64_t live) {
  using V = hn::Vec<D>;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const float* a = o.a + input;
  const float* g = o.g + column;
  V sums[kInputs][kVectors];
#pragma GCC unroll 32
  for (int i = 0; i < kInputs; ++i) {
    for (int j = 0; j < kVectors; ++j) sums[i][j] = hn::Zero(d);
  }
  const auto mask = hn::FirstN(d, live);
  for (int64_t m = 0; m < o.m; ++m, a += o.lda, g += o.ldg) {
    V gradients[kVectors];
#pragma GCC unroll 2
    for (int j = 0; j < kVectors; ++j) {
      gradients[j] = live >= lanes ? hn::LoadU(d, g + j * lanes) : PartialLoad(mask, d, g);
    }
#pragma GCC unroll 32
    for (int i = 0; i < kInputs; ++i) {
      const V value = hn::Set(d, a[i]);
#pragma GCC unroll 2
      for (int j = 0; j < kVectors; ++j) sums[i][j] = hn::MulAdd(value, gradients[j], sums[i][j]);
    }
  }
#pragma GCC unroll 32
  for (int i = 0; i < kInputs; ++i) {
    float* to = o.sums + (input + i) * o.lds + column;
#pragma GCC unroll 2
    for (int j = 0; j < kVectors; ++j) {
      hn::StoreU(hn::Add(hn::LoadU(d, to + j * lanes), sums[i][j]), d, to + j * lanes);
    }
  }
}

void GemmGradient(const float* a, int64_t lda, const float* g, int64_t ldg, int64_t m, int64_t k,
                  int64_t n, float* sums) {
  const GradientOperands operands{a, lda, g, ldg, m, sums, PackedColumns(n)};
  ForColumns(n, [&](auto lanes, auto vectors, int64_t column, int64_t live) {
    const Tag<decltype(lanes)::value> d;
    using D = decltype(Tag<decltype(lanes)::value>());
    constexpr int kVectors = decltype(vectors)::value;
    constexpr int kInputs = kManyRegisters ? (kVectors == 2 ? 12 : 16) : (kVectors == 2 ? 6 : 8);
    int64_t input = 0;
    for (; input + kInputs <= k; input += kInputs) {
      GradientTile<D, kInputs, kVectors>(d, operands, input, column, live);
    }
    if (kInputs > 8) {
      for (; input + 8 <= k; input += 8) {
        GradientTile<D, 8, kVectors>(d, operands, input, column, live);
      }
    }
    for (; input + 4 <= k; input += 4) {
      GradientTile<D, 4, kVectors>(d, operands, input, column, live);
    }
    for (; input < k; ++input) GradientTile<D, 1, kVectors>(d, operands, input, column, live);
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace ssnas::fused
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ssnas::fused {

HWY_EXPORT(Gemm);
HWY_EXPORT(GemmGradient);

void Gemm(const float* a, int64_t lda, int64_t m, int64_t k, const float* b, int64_t n, float* c,
          int64_t ldc) {
  HWY_DYNAMIC_DISPATCH(Gemm)(a, lda, m, k, b, n, c, ldc);
}

void GemmGradient(const float* a, int64_t lda, const float* g, int64_t ldg, int64_t m, int64_t k,
                  int64_t n, float* sums) {
  HWY_DYNAMIC_DISPATCH(GemmGradient)(a, lda, g, ldg, m, k, n, sums);
}

}  // namespace ssnas::fused
#endif  // HWY_ONCE
