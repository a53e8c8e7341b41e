// Pixels from one layout to another: concatenations along channels and strided planes.
#include <cstdint>
#include <cstring>

#include "ssnas/engine/fused/kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ssnas/engine/fused/pixel_kernels.cc"
#include "hwy/foreach_target.h"  // Must come before highway.h.
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace ssnas::fused {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, kVirtualLanes>;
using V = hn::Vec<D>;
const D d;

// write(source, target, count) for whole registers and for what is left of a pixel.
template <class Whole, class Rest>
HWY_INLINE void ForPixels(const Pixels& from, int64_t pixels, int64_t channels, float* to,
                          int64_t to_step, const Whole& whole, const Rest& rest) {
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d)), inside = channels / lanes * lanes;
  const float* source = from.data;
  for (int64_t p = 0; p < pixels; ++p, source += from.step, to += to_step) {
    for (int64_t c = 0; c < inside; c += lanes) whole(source + c, to + c);
    if (inside < channels) rest(source + inside, to + inside, channels - inside);
  }
}

void CopyPixels(const Pixels& from, int64_t pixels, int64_t channels, float* to, int64_t to_step) {
  ForPixels(
      from, pixels, channels, to, to_step,
      [](const float* source, float* target) { hn::StoreU(hn::LoadU(d, source), d, target); },
      [](const float* source, float* target, int64_t count) {
        for (int64_t i = 0; i < count; ++i) target[i] = source[i];
      });
}

void AddPixels(const Pixels& from, int64_t pixels, int64_t channels, float* to, int64_t to_step) {
  ForPixels(
      from, pixels, channels, to, to_step,
      [](const float* source, float* target) {
        hn::StoreU(hn::Add(hn::LoadU(d, target), hn::LoadU(d, source)), d, target);
      },
      [](const float* source, float* target, int64_t count) {
        for (int64_t i = 0; i < count; ++i) target[i] += source[i];
      });
}

}  // namespace HWY_NAMESPACE
}  // namespace ssnas::fused
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ssnas::fused {

HWY_EXPORT(CopyPixels);
HWY_EXPORT(AddPixels);

void CopyPixels(const Pixels& from, int64_t pixels, int64_t channels, float* to, int64_t to_step) {
  HWY_DYNAMIC_DISPATCH(CopyPixels)(from, pixels, channels, to, to_step);
}

void AddPixels(const Pixels& from, int64_t pixels, int64_t channels, float* to, int64_t to_step) {
  HWY_DYNAMIC_DISPATCH(AddPixels)(from, pixels, channels, to, to_step);
}

}  // namespace ssnas::fused
#endif  // HWY_ONCE
