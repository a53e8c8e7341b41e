// Pools and their gradients, one image at a time.
//
// 3 × 3 windows at every pixel, which is what search spaces have, walk along the rows: a column of
// three pixels is read once for the three windows that it is part of. In all others a pixel's
// channels are taken a register at a time over the taps that lie inside the image; the channels of
// several neighbouring pixels share a register where they are few and stride is 1 and the taps are
// the same for all of them.
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

// ---- Windows of any shape.

HWY_NOINLINE void AnyMaxPool(const float* x, const PoolShape& shape, float* y) {
  ForWindows(shape, [&](const Window& window, int64_t i, M mask) {
    V best = hn::Set(d, -std::numeric_limits<float>::infinity());
    ForTaps(shape, window, i,
            [&](int64_t from, int) { best = hn::Max(best, PartialLoad(mask, d, x + from)); });
    hn::BlendedStore(best, mask, d, y + window.output + i);
  });
}

HWY_NOINLINE void AnyAveragePool(const float* x, const PoolShape& shape, float* y) {
  ForWindows(shape, [&](const Window& window, int64_t i, M mask) {
    V sum = hn::Zero(d);
    ForTaps(shape, window, i,
            [&](int64_t from, int) { sum = hn::Add(sum, PartialLoad(mask, d, x + from)); });
    const V average = hn::Div(sum, hn::Set(d, static_cast<float>(TapCount(window))));
    hn::BlendedStore(average, mask, d, y + window.output + i);
  });
}

HWY_NOINLINE void AnyMaxPoolGradient(const float* x, const float* dy, const PoolShape& shape,
                                     float* dx) {
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

HWY_NOINLINE void AnyAveragePoolGradient(const float* dy, const PoolShape& shape, float* dx) {
  ForWindows(shape, [&](const Window& window, int64_t i, M mask) {
    const V gradient = hn::Div(PartialLoad(mask, d, dy + window.output + i),
                               hn::Set(d, static_cast<float>(TapCount(window))));
    ForTaps(shape, window, i, [&](int64_t from, int) {
      hn::BlendedStore(hn::Add(PartialLoad(mask, d, dx + from), gradient), mask, d, dx + from);
    });
  });
}

// ---- 3 × 3 windows at every pixel.

// Rows h − 1, h, h + 1 as far as they exist: [first, last].
struct ThreeRows {
  ThreeRows(const PoolShape& s, int64_t h)
      : first(std::max<int64_t>(0, h - 1)), last(std::min(s.height - 1, h + 1)) {}
  int64_t count() const { return last - first + 1; }
  int64_t first, last;
};

// Pixels of one side of a window that lie inside.
HWY_INLINE int64_t Inside(int64_t i, int64_t size) {
  return std::min(size - 1, i + 1) - std::max<int64_t>(0, i - 1) + 1;
}

// Calls window(w, left, centre, right) along a row; column(w) is what a column comes to, and
// outside(centre) what stands in for one that does not exist.
template <class Column, class Outside, class Window>
HWY_INLINE void AlongRow(int64_t width, const Column& column, const Outside& outside,
                         const Window& window) {
  auto centre = column(0);
  auto left = outside(centre);
  for (int64_t w = 0; w < width; ++w) {
    const auto right = w + 1 < width ? column(w + 1) : outside(centre);
    window(w, left, centre, right);
    left = centre;
    centre = right;
  }
}

// For one register of channels, from channel `c` on.
struct MaxPoolOf {
  template <class T>
  HWY_INLINE void operator()(T d, const PoolShape& s, int64_t c) const {
    using R = hn::Vec<T>;
    for (int64_t h = 0; h < s.height; ++h) {
      const ThreeRows rows(s, h);
      const auto column = [&](int64_t w) HWY_ATTR {
        const float* from = x + (rows.first * s.width + w) * s.channels + c;
        R best = hn::LoadU(d, from);
        for (int64_t r = 1; r < rows.count(); ++r) {
          best = hn::Max(best, hn::LoadU(d, from + r * s.width * s.channels));
        }
        return best;
      };
      float* to = y + h * s.width * s.channels + c;
      // Outside counts as the pixel in the middle, which changes no maximum.
      AlongRow(
          s.width, column, [](R centre) HWY_ATTR { return centre; },
          [&](int64_t w, R left, R centre, R right) HWY_ATTR {
            hn::StoreU(hn::Max(hn::Max(left, centre), right), d, to + w * s.channels);
          });
    }
  }
  const float* x;
  float* y;
};

struct AveragePoolOf {
  template <class T>
  HWY_INLINE void operator()(T d, const PoolShape& s, int64_t c) const {
    using R = hn::Vec<T>;
    for (int64_t h = 0; h < s.height; ++h) {
      const ThreeRows rows(s, h);
      const auto column = [&](int64_t w) HWY_ATTR {
        const float* from = x + (rows.first * s.width + w) * s.channels + c;
        R sum = hn::LoadU(d, from);
        for (int64_t r = 1; r < rows.count(); ++r) {
          sum = hn::Add(sum, hn::LoadU(d, from + r * s.width * s.channels));
        }
        return sum;
      };
      float* to = y + h * s.width * s.channels + c;
      AlongRow(
          s.width, column, [&](R) HWY_ATTR { return hn::Zero(d); },
          [&](int64_t w, R left, R centre, R right) HWY_ATTR {
            const float share = 1.0F / static_cast<float>(rows.count() * Inside(w, s.width));
            hn::StoreU(hn::Mul(hn::Add(hn::Add(left, centre), right), hn::Set(d, share)), d,
                       to + w * s.channels);
          });
    }
  }
  const float* x;
  float* y;
};

struct AveragePoolGradientOf {
  template <class T>
  HWY_INLINE void operator()(T d, const PoolShape& s, int64_t c) const {
    using R = hn::Vec<T>;
    for (int64_t h = 0; h < s.height; ++h) {
      const ThreeRows rows(s, h);
      // What a pixel of this row gets from the windows around column w.
      const auto column = [&](int64_t w) HWY_ATTR {
        const float* from = dy + (rows.first * s.width + w) * s.channels + c;
        R sum = hn::Zero(d);
        for (int64_t r = rows.first; r <= rows.last; ++r, from += s.width * s.channels) {
          const float share = 1.0F / static_cast<float>(Inside(r, s.height) * Inside(w, s.width));
          sum = hn::MulAdd(hn::LoadU(d, from), hn::Set(d, share), sum);
        }
        return sum;
      };
      float* to = dx + h * s.width * s.channels + c;
      AlongRow(
          s.width, column, [&](R) HWY_ATTR { return hn::Zero(d); },
          [&](int64_t w, R left, R centre, R right) HWY_ATTR {
            const R sum = hn::Add(hn::Add(left, centre), right);
            hn::StoreU(hn::Add(hn::LoadU(d, to + w * s.channels), sum), d, to + w * s.channels);
          });
    }
  }
  const float* dy;
  float* dx;
};

// The gradients of a window's nine pixels move along with it; a column is written when the last of
// its windows has passed.
struct MaxPoolGradientOf {
  template <class T>
  HWY_INLINE void operator()(T d, const PoolShape& s, int64_t c) const {
    using R = hn::Vec<T>;
    const R outside = hn::Set(d, -std::numeric_limits<float>::infinity());
    const int64_t row = s.width * s.channels;
    for (int64_t h = 0; h < s.height; ++h) {
      const float* from[3];
      for (int r = 0; r < 3; ++r) {
        const int64_t at = h + r - 1;
        from[r] = at >= 0 && at < s.height ? x + at * row + c : nullptr;
      }
      R seen[3][3], sums[3][3];
#pragma GCC unroll 3
      for (int r = 0; r < 3; ++r) {
        seen[r][0] = seen[r][1] = outside;
        seen[r][2] = from[r] == nullptr ? outside : hn::LoadU(d, from[r]);
        sums[r][0] = sums[r][1] = sums[r][2] = hn::Zero(d);
      }
      for (int64_t w = 0; w <= s.width; ++w) {
        // The column that the window leaves behind is w − 2 before this step.
#pragma GCC unroll 3
        for (int r = 0; r < 3; ++r) {
          seen[r][0] = seen[r][1];
          seen[r][1] = seen[r][2];
          seen[r][2] = from[r] == nullptr || w + 1 >= s.width
                           ? outside
                           : hn::LoadU(d, from[r] + (w + 1) * s.channels);
          if (w >= 2 && from[r] != nullptr) {
            float* to = dx + (from[r] - x) + (w - 2) * s.channels;
            hn::StoreU(hn::Add(hn::LoadU(d, to), sums[r][0]), d, to);
          }
          sums[r][0] = sums[r][1];
          sums[r][1] = sums[r][2];
          sums[r][2] = hn::Zero(d);
        }
        if (w == s.width) break;
        R best = outside, winner = hn::Zero(d);
#pragma GCC unroll 9
        for (int t = 0; t < 9; ++t) {
          const auto larger = hn::Gt(seen[t / 3][t % 3], best);
          best = hn::IfThenElse(larger, seen[t / 3][t % 3], best);
          winner = hn::IfThenElse(larger, hn::Set(d, static_cast<float>(t)), winner);
        }
        const R gradient = hn::LoadU(d, dy + h * row + w * s.channels + c);
#pragma GCC unroll 9
        for (int t = 0; t < 9; ++t) {
          const auto won = hn::Eq(winner, hn::Set(d, static_cast<float>(t)));
          sums[t / 3][t % 3] = hn::Add(sums[t / 3][t % 3], hn::IfThenElseZero(won, gradient));
        }
      }
      // What is left is the last column, behind the window.
#pragma GCC unroll 3
      for (int r = 0; r < 3; ++r) {
        if (from[r] == nullptr) continue;
        float* to = dx + (from[r] - x) + (s.width - 1) * s.channels;
        hn::StoreU(hn::Add(hn::LoadU(d, to), sums[r][0]), d, to);
      }
    }
  }
  const float* x;
  const float* dy;
  float* dx;
};

template <int kLanes, class Body>
HWY_NOINLINE int64_t ForRegisters(const PoolShape& s, int64_t c, const Body& body) {
  const hn::CappedTag<float, kLanes> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  for (; c + lanes <= s.channels; c += lanes) body(d, s, c);
  return c;
}

// False where the windows are others or the channels fill no register.
template <class Body>
HWY_INLINE bool ThreeByThree(const PoolShape& s, const Body& body) {
  if (s.kernel != 3 || s.stride != 1 || s.padding != 1 || s.channels % 4 != 0) return false;
  int64_t c = ForRegisters<16>(s, 0, body);
  c = ForRegisters<8>(s, c, body);
  ForRegisters<4>(s, c, body);
  return true;
}

void MaxPool(const float* x, const PoolShape& shape, float* y) {
  if (!ThreeByThree(shape, MaxPoolOf{x, y})) AnyMaxPool(x, shape, y);
}

void AveragePool(const float* x, const PoolShape& shape, float* y) {
  if (!ThreeByThree(shape, AveragePoolOf{x, y})) AnyAveragePool(x, shape, y);
}

void MaxPoolGradient(const float* x, const float* dy, const PoolShape& shape, float* dx) {
  if (!ThreeByThree(shape, MaxPoolGradientOf{x, dy, dx})) AnyMaxPoolGradient(x, dy, shape, dx);
}

void AveragePoolGradient(const float* dy, const PoolShape& shape, float* dx) {
  if (!ThreeByThree(shape, AveragePoolGradientOf{dy, dx})) AnyAveragePoolGradient(dy, shape, dx);
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
