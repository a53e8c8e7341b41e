// The blur of a view, and tiles turned back into rows of interleaved channels.
#include <algorithm>
#include <cstddef>
#include <cstring>

#include "ssnas/datasets/augmentations/mirror.h"
#include "ssnas/datasets/fused_views/view_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ssnas/datasets/fused_views/finish_kernels.cc"
#include "hwy/foreach_target.h"  // Must come before highway.h.
#include "hwy/highway.h"
#include "ssnas/datasets/fused_views/transpose-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ssnas::fused_views {
namespace HWY_NAMESPACE {

// Blurred values that share their neighbours: a register loads once for all of them.
constexpr int kRun = 4;

// sums[j] = Σ_k weights[|k|] · center[(j + k)·step]; neighbours at the same distance are added
// first.
template <int kCount>
HWY_INLINE void BlurRun(const float* weights, int radius, const float* center, ptrdiff_t step,
                        V (&sums)[kCount]) {
  V before[kCount], after[kCount];
  for (int j = 0; j < kCount; ++j) {
    before[j] = after[j] = hn::Load(d, center + j * step);
    sums[j] = hn::Mul(hn::Set(d, weights[0]), before[j]);
  }
  for (int k = 1; k <= radius; ++k) {
#pragma GCC unroll 4
    for (int j = 0; j + 1 < kCount; ++j) {
      before[kCount - 1 - j] = before[kCount - 2 - j];
      after[j] = after[j + 1];
    }
    before[0] = hn::Load(d, center - k * step);
    after[kCount - 1] = hn::Load(d, center + (kCount - 1 + k) * step);
    const V weight = hn::Set(d, weights[k]);
    for (int j = 0; j < kCount; ++j) {
      sums[j] = hn::MulAdd(weight, hn::Add(before[j], after[j]), sums[j]);
    }
  }
}

void BlurTile(const float* weights, int radius, int lines, const float* in, float* out) {
  constexpr ptrdiff_t kColumn = 3 * kTileRows;
  const ptrdiff_t floats = static_cast<ptrdiff_t>(lines) * kTileRows;
  ptrdiff_t i = 0;
  for (; i + kRun * kColumn <= floats; i += kRun * kColumn) {
    for (ptrdiff_t at = i; at < i + kColumn; at += kLanes) {
      V sums[kRun];
      BlurRun(weights, radius, in + at, kColumn, sums);
      for (int j = 0; j < kRun; ++j) hn::Store(sums[j], d, out + at + j * kColumn);
    }
  }
  for (; i < floats; i += kLanes) {
    V sum[1];
    BlurRun(weights, radius, in + i, kColumn, sum);
    hn::Store(sum[0], d, out + i);
  }
}

void WriteTile(const float* tile_data, int tile, const Output& output) {
  const int rows = std::min(kTileRows, output.height - tile * kTileRows);
  float* const to = output.pixels + static_cast<ptrdiff_t>(tile) * kTileRows * output.line;
  HWY_ALIGN float square[kTileRows * kTileRows];
  for (int line = 0; line < output.line; line += kTileRows) {
    const float* const from = tile_data + static_cast<ptrdiff_t>(line) * kTileRows;
    const int floats = std::min(kTileRows, output.line - line);
    if (rows == kTileRows && floats == kTileRows) {
      Transpose16(from, kTileRows, to + line, output.line);
      continue;
    }
    Transpose16(from, kTileRows, square, kTileRows);
    for (int y = 0; y < rows; ++y) {
      std::memcpy(to + static_cast<ptrdiff_t>(y) * output.line + line, square + y * kTileRows,
                  floats * sizeof(float));
    }
  }
}

// `rows` blurred rows of 16 floats; those before and after them are there.
HWY_INLINE void BlurRows(const float* weights, int radius, const float* scale, const float* shift,
                         int rows, const float* in, float* out, ptrdiff_t out_pitch) {
  const V one = hn::Set(d, 1.0f);
  for (int q = 0; q < kTileRows; q += kLanes) {
    const V a = hn::LoadU(d, scale + q), b = hn::LoadU(d, shift + q);
    const auto store = [&](V sum, int y) HWY_ATTR {
      hn::StoreU(hn::MulAdd(hn::Min(sum, one), a, b), d, out + y * out_pitch + q);
    };
    int y = 0;
    for (; y + kRun <= rows; y += kRun) {
      V sums[kRun];
      BlurRun(weights, radius, in + y * kTileRows + q, kTileRows, sums);
      for (int j = 0; j < kRun; ++j) store(sums[j], y + j);
    }
    for (; y < rows; ++y) {
      V sum[1];
      BlurRun(weights, radius, in + y * kTileRows + q, kTileRows, sum);
      store(sum[0], y);
    }
  }
}

void WriteBlurred(const float* tiles, size_t pitch, const float* weights, int radius,
                  const float* scale, const float* shift, float* scratch, const Output& output) {
  float scales[kTileRows + 2], shifts[kTileRows + 2];
  for (int i = 0; i < kTileRows + 2; ++i) {
    scales[i] = scale[i % 3];
    shifts[i] = shift[i % 3];
  }
  const int height = output.height;
  float* const rows = scratch + static_cast<ptrdiff_t>(radius) * kTileRows;
  for (int line = 0; line < output.line; line += kTileRows) {
    for (int y = 0; y < height; y += kTileRows) {
      Transpose16(tiles + y / kTileRows * pitch + static_cast<ptrdiff_t>(line) * kTileRows,
                  kTileRows, rows + static_cast<ptrdiff_t>(y) * kTileRows, kTileRows);
    }
    for (int k = 1; k <= radius; ++k) {
      const auto copy = [&](int from, int to) {
        std::memcpy(rows + static_cast<ptrdiff_t>(to) * kTileRows,
                    rows + static_cast<ptrdiff_t>(from) * kTileRows, kTileRows * sizeof(float));
      };
      copy(MirroredIndex(-k, height), -k);
      copy(MirroredIndex(height - 1 + k, height), height - 1 + k);
    }
    const float* const a = scales + line % 3;
    const float* const b = shifts + line % 3;
    float* const to = output.pixels + line;
    if (line + kTileRows <= output.line) {
      BlurRows(weights, radius, a, b, height, rows, to, output.line);
      continue;
    }
    HWY_ALIGN float last[kTileRows];
    for (int y = 0; y < height; ++y) {
      BlurRows(weights, radius, a, b, 1, rows + static_cast<ptrdiff_t>(y) * kTileRows, last, 0);
      std::memcpy(to + static_cast<ptrdiff_t>(y) * output.line, last,
                  (output.line - line) * sizeof(float));
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace ssnas::fused_views
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ssnas::fused_views {

HWY_EXPORT(BlurTile);
HWY_EXPORT(WriteTile);
HWY_EXPORT(WriteBlurred);

void BlurTile(const float* weights, int radius, int lines, const float* in, float* out) {
  HWY_DYNAMIC_DISPATCH(BlurTile)(weights, radius, lines, in, out);
}

void WriteTile(const float* tile_data, int tile, const Output& output) {
  HWY_DYNAMIC_DISPATCH(WriteTile)(tile_data, tile, output);
}

void WriteBlurred(const float* tiles, size_t pitch, const float* weights, int radius,
                  const float* scale, const float* shift, float* scratch, const Output& output) {
  HWY_DYNAMIC_DISPATCH(WriteBlurred)
  (tiles, pitch, weights, radius, scale, shift, scratch, output);
}

}  // namespace ssnas::fused_views
#endif  // HWY_ONCE
