// The weights of a resize, and a tile of a box resized: columns first, then rows, as the tile is
// transposed between.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "hwy/cache_control.h"
#include "ssnas/datasets/fused_views/view_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ssnas/datasets/fused_views/resample_kernels.cc"
#include "hwy/foreach_target.h"  // Must come before highway.h.
#include "hwy/highway.h"
#include "ssnas/datasets/fused_views/transpose-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ssnas::fused_views {
namespace HWY_NAMESPACE {

// Keys' cubic for x ≥ 0, factored so that it has no cancellation at its roots, 1 and 2:
// (x − 1)·((1.5x − 1)x − 1) below 1, (x − 1)·(−0.5)(x − 2)² below 2.
HWY_INLINE V Cubic(V x) {
  const V one = hn::Set(d, 1.0f), two = hn::Set(d, 2.0f);
  const V below_one = hn::MulSub(hn::MulSub(hn::Set(d, 1.5f), x, one), x, one);
  const V to_two = hn::Min(hn::Sub(x, two), hn::Zero(d));  // 0 from 2 on
  const V below_two = hn::Mul(hn::Mul(to_two, to_two), hn::Set(d, -0.5f));
  return hn::Mul(hn::Sub(x, one), hn::IfThenElse(hn::Lt(x, one), below_one, below_two));
}

void MakeAxis(int input, int output, float scale, Axis& axis) {
  const double ratio = static_cast<double>(input) / output;
  const double stretch = std::max(ratio, 1.0), support = 2 * stretch;
  axis.taps = input == output ? 1 : std::min(input, static_cast<int>(std::ceil(2 * support)));
  axis.pitch = RoundUp(output);
  axis.first.resize(axis.pitch);
  axis.phase.resize(axis.pitch);
  axis.weight.resize(static_cast<size_t>(axis.taps) * axis.pitch);
  const int last = input - axis.taps;
  int* const first = axis.first.data();
  float* const phase = axis.phase.data();
  const double reach = support - 0.5;
  for (int i = 0; i < axis.pitch; ++i) {
    const double center = (i + 0.5) * ratio;
    const int begin = std::min(std::max(static_cast<int>(center - reach), 0), last);
    first[i] = input == output ? std::min(i, last) : begin;
    phase[i] = static_cast<float>(first[i] + 0.5 - center);
  }
  const V narrow = hn::Set(d, static_cast<float>(1 / stretch));
  for (int i = 0; i < axis.pitch; i += kLanes) {
    float* const weight = axis.weight.data() + i;
    V sum = hn::Zero(d), x = hn::LoadU(d, phase + i);
    for (int k = 0; k < axis.taps; ++k, x = hn::Add(x, hn::Set(d, 1.0f))) {
      const V one = Cubic(hn::Abs(hn::Mul(x, narrow)));
      sum = hn::Add(sum, one);
      hn::StoreU(one, d, weight + static_cast<ptrdiff_t>(k) * axis.pitch);
    }
    const V factor = hn::Div(hn::Set(d, scale), sum);
    for (int k = 0; k < axis.taps; ++k) {
      float* const at = weight + static_cast<ptrdiff_t>(k) * axis.pitch;
      hn::StoreU(hn::Mul(hn::LoadU(d, at), factor), d, at);
    }
  }
  for (int k = 0; k < axis.taps; ++k) {
    float* const row = axis.weight.data() + static_cast<ptrdiff_t>(k) * axis.pitch;
    std::fill(row + output, row + axis.pitch, 0.0f);
  }
}

// Sixteen bytes as floats.
HWY_INLINE void ToFloats(const uint8_t* bytes, float* out) {
  const hn::Rebind<int32_t, D> to_int;
  const hn::Rebind<uint8_t, D> to_byte;
#pragma GCC unroll 16
  for (int i = 0; i < kTileRows; i += kLanes) {
    hn::Store(hn::ConvertTo(d, hn::PromoteTo(to_int, hn::LoadU(to_byte, bytes + i))), d, out + i);
  }
}

constexpr int kLineBytes = 64;

// Rows [begin, end) of the box, 16 bytes of each from `column` on; zeros past the image's end.
HWY_INLINE void LoadRows(const Source& source, int column, int begin, int end, float* out) {
  for (int y = begin; y < end; ++y, out += kTileRows) {
    const uint8_t* const bytes = source.box + y * source.stride + column;
    // Rows of a photograph are too far apart for the core to foresee the next lines.
    if (column % kLineBytes == 0) hwy::Prefetch(bytes + 4 * kLineBytes);
    if (source.end - bytes >= kTileRows) {
      ToFloats(bytes, out);
    } else {
      uint8_t padded[kTileRows] = {};
      std::memcpy(padded, bytes, source.end - bytes);
      ToFloats(padded, out);
    }
  }
}

// 16 rows of output from the loaded ones; kTaps of 0: as many as `axis` says.
template <int kTaps>
HWY_INLINE void ResampleRows(const Axis& axis, int tile, int begin, const float* rows, float* out) {
  const int taps = kTaps > 0 ? kTaps : axis.taps;
  for (int y = tile * kTileRows; y < (tile + 1) * kTileRows; ++y, out += kTileRows) {
    const float* in = rows + static_cast<ptrdiff_t>(axis.first[y] - begin) * kTileRows;
    const float* weight = axis.weight.data() + y;
    V sum[kRegisters];
    for (V& s : sum) s = hn::Zero(d);
#pragma GCC unroll 8
    for (int k = 0; k < taps; ++k, in += kTileRows, weight += axis.pitch) {
      const V w = hn::Set(d, *weight);
#pragma GCC unroll 16
      for (int q = 0; q < kRegisters; ++q) {
        sum[q] = hn::MulAdd(w, hn::Load(d, in + q * kLanes), sum[q]);
      }
    }
    for (int q = 0; q < kRegisters; ++q) hn::Store(sum[q], d, out + q * kLanes);
  }
}

// `width` columns of the tile from the lines of the narrow one; a grey source gives three equal
// channels.
template <int kChannels, int kTaps>
HWY_INLINE void ResampleColumns(const Axis& axis, int width, bool flip, const float* narrow,
                                float* out) {
  const int taps = kTaps > 0 ? kTaps : axis.taps;
  const V zero = hn::Zero(d), one = hn::Set(d, 1.0f);
  for (int x = 0; x < width; ++x) {
    float* const to = out + static_cast<ptrdiff_t>(flip ? width - 1 - x : x) * 3 * kTileRows;
    const float* from = narrow + static_cast<ptrdiff_t>(axis.first[x]) * kChannels * kTileRows;
    for (int q = 0; q < kRegisters; ++q) {
      const float* in = from + q * kLanes;
      const float* weight = axis.weight.data() + x;
      V sum[kChannels];
      for (V& s : sum) s = zero;
#pragma GCC unroll 8
      for (int k = 0; k < taps; ++k, in += kChannels * kTileRows, weight += axis.pitch) {
        const V w = hn::Set(d, *weight);
        for (int c = 0; c < kChannels; ++c) {
          sum[c] = hn::MulAdd(w, hn::Load(d, in + c * kTileRows), sum[c]);
        }
      }
      for (int c = 0; c < 3; ++c) {
        const V clipped = hn::Min(hn::Max(sum[c % kChannels], zero), one);
        hn::Store(clipped, d, to + c * kTileRows + q * kLanes);
      }
    }
  }
}

// Calls body with the number of taps as a constant, so that its loop is unrolled: enough for boxes
// up to twice the size of the view. 0: only known at run time.
template <class Body>
HWY_INLINE void WithTaps(int taps, const Body& body) {
  switch (taps) {
    case 4:
      return body(std::integral_constant<int, 4>());
    case 5:
      return body(std::integral_constant<int, 5>());
    case 6:
      return body(std::integral_constant<int, 6>());
    case 7:
      return body(std::integral_constant<int, 7>());
    case 8:
      return body(std::integral_constant<int, 8>());
    default:
      return body(std::integral_constant<int, 0>());
  }
}

void ResampleTile(const Source& source, const Axis& rows, const Axis& columns, int width, bool flip,
                  int tile, float* rows_scratch, float* narrow, float* out) {
  const int begin = rows.first[tile * kTileRows];
  const int end = rows.first[(tile + 1) * kTileRows - 1] + rows.taps;
  const int bytes = source.width * source.channels;
  HWY_ALIGN float square[kTileRows * kTileRows];
  for (int column = 0; column < bytes; column += kTileRows) {
    LoadRows(source, column, begin, end, rows_scratch);
    WithTaps(rows.taps, [&](auto taps) HWY_ATTR {
      ResampleRows<decltype(taps)::value>(rows, tile, begin, rows_scratch, square);
    });
    Transpose16(square, kTileRows, narrow + static_cast<ptrdiff_t>(column) * kTileRows, kTileRows);
  }
  WithTaps(columns.taps, [&](auto taps) HWY_ATTR {
    if (source.channels == 3) {
      ResampleColumns<3, decltype(taps)::value>(columns, width, flip, narrow, out);
    } else {
      ResampleColumns<1, decltype(taps)::value>(columns, width, flip, narrow, out);
    }
  });
}

const char* InstructionSet() { return hwy::TargetName(HWY_TARGET); }

}  // namespace HWY_NAMESPACE
}  // namespace ssnas::fused_views
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ssnas::fused_views {

HWY_EXPORT(MakeAxis);
HWY_EXPORT(ResampleTile);
HWY_EXPORT(InstructionSet);

void MakeAxis(int input, int output, float scale, Axis& axis) {
  HWY_DYNAMIC_DISPATCH(MakeAxis)(input, output, scale, axis);
}

void ResampleTile(const Source& source, const Axis& rows, const Axis& columns, int width, bool flip,
                  int tile, float* rows_scratch, float* narrow, float* out) {
  HWY_DYNAMIC_DISPATCH(ResampleTile)
  (source, rows, columns, width, flip, tile, rows_scratch, narrow, out);
}

const char* InstructionSet() { return HWY_DYNAMIC_DISPATCH(InstructionSet)(); }

}  // namespace ssnas::fused_views
#endif  // HWY_ONCE
