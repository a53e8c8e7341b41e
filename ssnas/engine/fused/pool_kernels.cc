// Pools and their gradients, one image at a time.
//
// A pixel's channels are taken a register at a time over the taps that lie inside the image; the
// channels of several neighbouring pixels share a register where they are few and stride is 1 and
// the taps are the same for all of them.
#include <algorithm>
#include <cstdint>
#include <limits>

#include "ssnas/engine/fused/kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ssnas/engine/fused/pool_kernels.cc"
#include "hwy/foreach_target.h"  // Must come before highway.h.
#include "hwy/highway.h"
#include "ssnas/engine/fused/loads-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ssnas::fused {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, kVirtualLanes>;
using V = hn::Vec<D>;
using M = hn::Mask<D>;
const D d;

// The part of a window that lies inside the image, and how many floats of output share it.
struct Window {
  int64_t first_row, last_row;        // of the input, inclusive
  int64_t first_column, last_column;  // for the first output pixel
  int64_t output;                     // index of its first float
  int64_t floats;                     // of the output, from there on
};

// Calls body(window, i, mask) for every register of output: i counts its floats from the window's.
template <class Body>
HWY_INLINE void ForWindows(const PoolShape& s, const Body& body) {
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const int64_t out_width = s.out_width();
  for (int64_t h = 0; h < s.out_height(); ++h) {
    Window window;
    window.first_row = std::max<int64_t>(0, h * s.stride - s.padding);
    window.last_row = std::min(s.height, h * s.stride - s.padding + s.kernel) - 1;
    for (int64_t w = 0; w < out_width;) {
      const int64_t column = w * s.stride - s.padding;
      window.first_column = std::max<int64_t>(0, column);
      window.last_column = std::min(s.width, column + s.kernel) - 1;
      // With stride 1, all pixels whose windows lie inside move along together.
      const bool inside = column >= 0 && column + s.kernel <= s.width;
      const int64_t run = inside && s.stride == 1 ? s.width - s.kernel - column + 1 : 1;
      window.output = (h * out_width + w) * s.channels;
      window.floats = run * s.channels;
      for (int64_t i = 0; i < window.floats; i += lanes) {
        body(window, i, hn::FirstN(d, std::min(lanes, window.floats - i)));
      }
      w += run;
    }
  }
}

// Calls body(offset of the input float, number of the tap) in scan order.
template <class Body>
HWY_INLINE void ForTaps(const PoolShape& s, const Window& window, int64_t i, const Body& body) {
  int tap = 0;
  for (int64_t row = window.first_row; row <= window.last_row; ++row) {
    for (int64_t column = window.first_column; column <= window.last_column; ++column) {
      body((row * s.width + column) * s.channels + i, tap++);
    }
  }
}

HWY_INLINE int64_t TapCount(const Window& w) {
  return (w.last_row - w.first_row + 1) * (w.last_column - w.first_column + 1);
}

void MaxPool(const float* x, const PoolShape& shape, float* y) {
  ForWindows(shape, [&](const Window& window, int64_t i, M mask) {
    V best = hn::Set(d, -std::numeric_limits<float>::infinity());
    ForTaps(shape, window, i,
            [&](int64_t from, int) { best = hn::Max(best, PartialLoad(mask, d, x + from)); });
    hn::BlendedStore(best, mask, d, y + window.output + i);
  });
}

void AveragePool(const float* x, const PoolShape& shape, float* y) {
  ForWindows(shape, [&](const Window& window, int64_t i, M mask) {
    V sum = hn::Zero(d);
    ForTaps(shape, window, i,
            [&](int64_t from, int) { sum = hn::Add(sum, PartialLoad(mask, d, x + from)); });
    const V average = hn::Div(sum, hn::Set(d, static_cast<float>(TapCount(window))));
    hn::BlendedStore(average, mask, d, y + window.output + i);
  });
}

void MaxPoolGradient(const float* x, const float* dy, const PoolShape& shape, float* dx) {
  ForWindows(shape, [&](const Window& window, int64_t i, M mask) {
    V best = hn::Set(d, -std::numeric_limits<float>::infinity());
    V winner = hn::Zero(d);
    ForTaps(shape, window, i, [&](int64_t from, int tap) {
      const V value = PartialLoad(mask, d, x + from);
      const M larger = hn::Gt(value, best);
      best = hn::IfThenElse(larger, value, best);
      winner = hn::IfThenElse(larger, hn::Set(d, static_cast<float>(tap)), winner);
    });
    const V gradient = PartialLoad(mask, d, dy + window.output + i);
    ForTaps(shape, window, i, [&](int64_t from, int tap) {
      const M won = hn::Eq(winner, hn::Set(d, static_cast<float>(tap)));
      const V sum = hn::Add(PartialLoad(mask, d, dx + from), hn::IfThenElseZero(won, gradient));
      hn::BlendedStore(sum, mask, d, dx + from);
    });
  });
}

void AveragePoolGradient(const float* dy, const PoolShape& shape, float* dx) {
  ForWindows(shape, [&](const Window& window, int64_t i, M mask) {
    const V gradient = hn::Div(PartialLoad(mask, d, dy + window.output + i),
                               hn::Set(d, static_cast<float>(TapCount(window))));
    ForTaps(shape, window, i, [&](int64_t from, int) {
      hn::BlendedStore(hn::Add(PartialLoad(mask, d, dx + from), gradient), mask, d, dx + from);
    });
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace ssnas::fused
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ssnas::fused {

HWY_EXPORT(MaxPool);
HWY_EXPORT(AveragePool);
HWY_EXPORT(MaxPoolGradient);
HWY_EXPORT(AveragePoolGradient);

void MaxPool(const float* x, const PoolShape& shape, float* y) {
  HWY_DYNAMIC_DISPATCH(MaxPool)(x, shape, y);
}

void AveragePool(const float* x, const PoolShape& shape, float* y) {
  HWY_DYNAMIC_DISPATCH(AveragePool)(x, shape, y);
}

void MaxPoolGradient(const float* x, const float* dy, const PoolShape& shape, float* dx) {
  HWY_DYNAMIC_DISPATCH(MaxPoolGradient)(x, dy, shape, dx);
}

void AveragePoolGradient(const float* dy, const PoolShape& shape, float* dx) {
  HWY_DYNAMIC_DISPATCH(AveragePoolGradient)(dy, shape, dx);
}

}  // namespace ssnas::fused
#endif  // HWY_ONCE
