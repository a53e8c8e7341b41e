// The colour steps of a tile, each pixel in registers from the first to the last of them.
#include <cstddef>

#include "ssnas/datasets/fused_views/view_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ssnas/datasets/fused_views/color_kernels.cc"
#include "hwy/foreach_target.h"  // Must come before highway.h.
#include "hwy/highway.h"
#include "ssnas/datasets/fused_views/transpose-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ssnas::fused_views {
namespace HWY_NAMESPACE {

struct Pixels {
  V r, g, b;
};

HWY_INLINE V Gray(const Pixels& p) {
  return hn::MulAdd(hn::Set(d, kGrayRed), p.r,
                    hn::MulAdd(hn::Set(d, kGrayGreen), p.g, hn::Mul(hn::Set(d, kGrayBlue), p.b)));
}

HWY_INLINE V Clip(V x) { return hn::Min(hn::Max(x, hn::Zero(d)), hn::Set(d, 1.0f)); }

HWY_INLINE void Mix(V factor, V rest, Pixels& p) {
  p.r = Clip(hn::MulAdd(factor, p.r, rest));
  p.g = Clip(hn::MulAdd(factor, p.g, rest));
  p.b = Clip(hn::MulAdd(factor, p.b, rest));
}

// Hue h in sixths of a turn, 0 … 6. A channel is value − chroma·t, where t, the trapezium of
// augmentations/color.cc, is clip(2 − |h − 3|) of red, clip(|h − 2| − 1) of green and
// clip(|h − 4| − 1) of blue: no turn of h by a third and so no case to tell apart.
HWY_INLINE void TurnHue(V sixths, Pixels& p) {
  const V one = hn::Set(d, 1.0f), two = hn::Set(d, 2.0f);
  const V value = hn::Max(hn::Max(p.r, p.g), p.b);
  const V chroma = hn::Sub(value, hn::Min(hn::Min(p.r, p.g), p.b));
  const auto red = hn::Eq(value, p.r), green = hn::Eq(value, p.g);
  const V difference = hn::IfThenElse(red, hn::Sub(p.g, p.b),
                                      hn::IfThenElse(green, hn::Sub(p.b, p.r), hn::Sub(p.r, p.g)));
  const V third = hn::IfThenElse(red, hn::Zero(d), hn::IfThenElse(green, two, hn::Set(d, 4.0f)));
  // Grey: 0 over something small. Whatever its hue is then, chroma is 0 and value stays.
  const V quotient = hn::Div(difference, hn::Max(chroma, hn::Set(d, 1e-30f)));
  V h = hn::Add(hn::Add(quotient, third), sixths);
  h = hn::NegMulAdd(hn::Floor(hn::Mul(h, hn::Set(d, 1.0f / 6))), hn::Set(d, 6.0f), h);
  const V t_red = Clip(hn::Sub(two, hn::Abs(hn::Sub(h, hn::Set(d, 3.0f)))));
  const V t_green = Clip(hn::Sub(hn::Abs(hn::Sub(h, two)), one));
  const V t_blue = Clip(hn::Sub(hn::Abs(hn::Sub(h, hn::Set(d, 4.0f))), one));
  // Rounding may leave value − chroma a little below 0.
  p.r = hn::Max(hn::NegMulAdd(chroma, t_red, value), hn::Zero(d));
  p.g = hn::Max(hn::NegMulAdd(chroma, t_green, value), hn::Zero(d));
  p.b = hn::Max(hn::NegMulAdd(chroma, t_blue, value), hn::Zero(d));
}

HWY_INLINE void Apply(const PixelStep& step, Pixels& p) {
  const V a = hn::Set(d, step.a);
  switch (step.kind) {
    case PixelStep::Kind::kScale:
      p.r = hn::Min(hn::Mul(a, p.r), hn::Set(d, 1.0f));
      p.g = hn::Min(hn::Mul(a, p.g), hn::Set(d, 1.0f));
      p.b = hn::Min(hn::Mul(a, p.b), hn::Set(d, 1.0f));
      return;
    case PixelStep::Kind::kMix:
      return Mix(a, hn::Set(d, step.b[0]), p);
    case PixelStep::Kind::kSaturation:
      return Mix(a, hn::Mul(hn::Set(d, 1 - step.a), Gray(p)), p);
    case PixelStep::Kind::kHue:
      return TurnHue(a, p);
    case PixelStep::Kind::kGray:
      p.r = p.g = p.b = Gray(p);
      return;
    case PixelStep::Kind::kNormalize:
      p.r = hn::MulAdd(p.r, hn::Set(d, step.scale[0]), hn::Set(d, step.b[0]));
      p.g = hn::MulAdd(p.g, hn::Set(d, step.scale[1]), hn::Set(d, step.b[1]));
      p.b = hn::MulAdd(p.b, hn::Set(d, step.scale[2]), hn::Set(d, step.b[2]));
      return;
  }
}

double ColorTile(const PixelStep* steps, int count, int pixels, bool wants_sum, const float* in,
                 float* out) {
  // Columns whose grey values are added up in float; those sums are added in double.
  constexpr int kRun = 16;
  double total = 0;
  for (int begin = 0; begin < pixels; begin += kRun) {
    V sum = hn::Zero(d);
    const int floats = (begin + kRun < pixels ? kRun : pixels - begin) * 3 * kTileRows;
    const ptrdiff_t offset = static_cast<ptrdiff_t>(begin) * 3 * kTileRows;
    for (int i = 0; i < floats; i += 3 * kTileRows) {
      for (int q = 0; q < kTileRows; q += kLanes) {
        const float* const from = in + offset + i + q;
        float* const to = out + offset + i + q;
        Pixels p{hn::Load(d, from), hn::Load(d, from + kTileRows),
                 hn::Load(d, from + 2 * kTileRows)};
        for (int s = 0; s < count; ++s) Apply(steps[s], p);
        if (wants_sum) sum = hn::Add(sum, Gray(p));
        hn::Store(p.r, d, to);
        hn::Store(p.g, d, to + kTileRows);
        hn::Store(p.b, d, to + 2 * kTileRows);
      }
    }
    if (wants_sum) total += hn::GetLane(hn::SumOfLanes(d, sum));
  }
  return total;
}

}  // namespace HWY_NAMESPACE
}  // namespace ssnas::fused_views
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ssnas::fused_views {

HWY_EXPORT(ColorTile);

double ColorTile(const PixelStep* steps, int count, int pixels, bool wants_sum, const float* in,
                 float* out) {
  return HWY_DYNAMIC_DISPATCH(ColorTile)(steps, count, pixels, wants_sum, in, out);
}

}  // namespace ssnas::fused_views
#endif  // HWY_ONCE
