#include "ssnas/engine/fused/bf16_kernels.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace ssnas::fused {
namespace {

constexpr int64_t kLanes = 16;

int64_t Pairs(int64_t k) { return (k + 1) / 2; }
int64_t RoundUp(int64_t value) { return (value + kLanes - 1) / kLanes * kLanes; }

// To the nearest, ties to even. A NaN stays one.
uint32_t RoundToBf16(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  if (value != value) return (bits >> 16) | 0x40U;
  return (bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16;
}

}  // namespace

int64_t Bf16Words(int64_t k, int64_t n) { return Pairs(k) * RoundUp(n); }

void PackBf16(const float* b, int64_t ldb, int64_t k, int64_t n, uint32_t* pairs) {
  for (int64_t i = 0; i < k; i += 2, pairs += RoundUp(n)) {
    const float* low = b + i * ldb;
    const float* high = low + ldb;
    for (int64_t j = 0; j < n; ++j) {
      pairs[j] = RoundToBf16(low[j]) | (i + 1 < k ? RoundToBf16(high[j]) << 16 : 0);
    }
    std::fill(pairs + n, pairs + RoundUp(n), 0U);
  }
}

#if defined(__x86_64__)
namespace {

// Functions, not the file: nothing inline from a header may be compiled for this CPU alone.
#define SSNAS_BF16 __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16")))

// Rows whose inputs are rounded at a time, once for all columns; they stay in L1.
constexpr int64_t kTileRows = 32;
constexpr int64_t kTileWords = 32 * 128;  // 256 channels; more take memory of their own

struct Operands {
  const uint32_t* a;  // rows of a_step pairs
  int64_t a_step, pairs;
  const uint32_t* b;
  int64_t b_step;
  float* c;
  int64_t ldc;
};

__mmask16 FirstLanes(int64_t live) {
  return static_cast<__mmask16>((1U << std::clamp<int64_t>(live, 0, kLanes)) - 1);
}

// Rows of RoundUp(Pairs(k)) words.
SSNAS_BF16 void RoundRows(const float* a, int64_t lda, int64_t rows, int64_t k, uint32_t* to) {
  for (int64_t row = 0; row < rows; ++row, a += lda) {
    for (int64_t i = 0; i < k; i += 2 * kLanes, to += kLanes) {
      const __m512 low = _mm512_maskz_loadu_ps(FirstLanes(k - i), a + i);
      const __m512 high = _mm512_maskz_loadu_ps(FirstLanes(k - i - kLanes), a + i + kLanes);
      _mm512_storeu_si512(to, reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(high, low)));
    }
  }
}

// `mask`: the columns that exist of the last vector. As in gemm_kernels.cc: sums in registers over
// all of k, a pointer to every third row.
template <int kRows, int kVectors>
SSNAS_BF16 inline void Tile(const Operands& o, int64_t row, int64_t column, __mmask16 mask) {
  constexpr int kPointers = (kRows + 2) / 3;
  const uint32_t* a[kPointers];
#pragma GCC unroll 8
  for (int i = 0; i < kPointers; ++i) a[i] = o.a + (row + 3 * i) * o.a_step;
  const uint32_t* b = o.b + column;
  __m512 sums[kRows][kVectors];
#pragma GCC unroll 32
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 2
    for (int j = 0; j < kVectors; ++j) sums[r][j] = _mm512_setzero_ps();
  }
  for (int64_t pair = 0; pair < o.pairs; ++pair, b += o.b_step) {
    __m512bh weights[kVectors];
#pragma GCC unroll 2
    for (int j = 0; j < kVectors; ++j) {
      weights[j] = reinterpret_cast<__m512bh>(_mm512_loadu_si512(b + j * kLanes));
    }
#pragma GCC unroll 32
    for (int r = 0; r < kRows; ++r) {
      const auto value = reinterpret_cast<__m512bh>(
          _mm512_set1_epi32(static_cast<int>(a[r / 3][r % 3 * o.a_step])));
#pragma GCC unroll 2
      for (int j = 0; j < kVectors; ++j) {
        sums[r][j] = _mm512_dpbf16_ps(sums[r][j], value, weights[j]);
      }
    }
#pragma GCC unroll 8
    for (int i = 0; i < kPointers; ++i) ++a[i];
  }
#pragma GCC unroll 32
  for (int r = 0; r < kRows; ++r) {
    float* c = o.c + (row + r) * o.ldc + column;
    if (kVectors == 2) _mm512_storeu_ps(c, sums[r][0]);
    _mm512_mask_storeu_ps(c + (kVectors - 1) * kLanes, mask, sums[r][kVectors - 1]);
  }
}

template <int kVectors>
SSNAS_BF16 void Columns(const Operands& o, int64_t rows, int64_t column, __mmask16 mask) {
  constexpr int kRows = kVectors == 2 ? 12 : 16;
  int64_t row = 0;
  // 16 rows are better 8 and 8 than 12 and 4.
  for (; row + kRows <= rows && (kRows != 12 || rows - row != 16); row += kRows) {
    Tile<kRows, kVectors>(o, row, column, mask);
  }
  for (; row + 8 <= rows; row += 8) Tile<8, kVectors>(o, row, column, mask);
  for (; row + 4 <= rows; row += 4) Tile<4, kVectors>(o, row, column, mask);
  for (; row < rows; ++row) Tile<1, kVectors>(o, row, column, mask);
}

SSNAS_BF16 void RowsByColumns(const Operands& o, int64_t rows, int64_t n) {
  int64_t column = 0;
  for (; column + 2 * kLanes <= n; column += 2 * kLanes)
    Columns<2>(o, rows, column, FirstLanes(kLanes));
  for (; column < n; column += kLanes) Columns<1>(o, rows, column, FirstLanes(n - column));
}

}  // namespace

bool HasBf16() {
  static const bool has = [] {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bf16");
  }();
  return has;
}

void GemmBf16(const float* a, int64_t lda, int64_t m, int64_t k, const uint32_t* pairs, int64_t n,
              float* c, int64_t ldc) {
  const int64_t step = RoundUp(Pairs(k));
  alignas(64) uint32_t stack[kTileWords];
  std::vector<uint32_t> heap(kTileRows * step > kTileWords ? kTileRows * step : 0);
  uint32_t* tile = heap.empty() ? stack : heap.data();
  for (int64_t row = 0; row < m; row += kTileRows) {
    const int64_t rows = std::min(kTileRows, m - row);
    RoundRows(a + row * lda, lda, rows, k, tile);
    RowsByColumns({tile, step, Pairs(k), pairs, RoundUp(n), c + row * ldc, ldc}, rows, n);
  }
}

#else

bool HasBf16() { return false; }

void GemmBf16(const float*, int64_t, int64_t, int64_t, const uint32_t*, int64_t, float*, int64_t) {
  std::abort();  // Not where HasBf16() is false.
}

#endif

}  // namespace ssnas::fused
