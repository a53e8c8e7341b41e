#include "ssnas/training/flat_update.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ssnas/training/flat_update.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include <algorithm>

HWY_BEFORE_NAMESPACE();
namespace ssnas {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

constexpr int64_t kSums = 16;

double Squares(const float* gradient, int64_t count) {
  const hn::ScalableTag<double> d;
  const hn::Rebind<float, decltype(d)> narrow;
  using V = hn::Vec<decltype(d)>;
  constexpr int64_t kLanes = hn::MaxLanes(d), kVectors = kSums / kLanes;
  V sums[kVectors];
  for (V& sum : sums) sum = hn::Zero(d);
  const auto add = [&](const float* from) HWY_ATTR {
#pragma GCC unroll 16
    for (int64_t k = 0; k < kVectors; ++k) {
      const V g = hn::PromoteTo(d, hn::LoadU(narrow, from + k * kLanes));
      sums[k] = hn::Add(sums[k], hn::Mul(g, g));
    }
  };
  int64_t i = 0;
  for (; i + kSums <= count; i += kSums) add(gradient + i);
  float rest[kSums] = {};
  std::copy(gradient + i, gradient + count, rest);
  add(rest);
  double each[kSums];
  for (int64_t k = 0; k < kVectors; ++k) hn::StoreU(sums[k], d, each + k * kLanes);
  for (int64_t half = kSums / 2; half > 0; half /= 2) {
    for (int64_t k = 0; k < half; ++k) each[k] += each[k + half];
  }
  return each[0];
}

// As many elements as `d` has lanes.
template <class D>
HWY_INLINE void SgdVector(D d, const SgdFactors& f, const float* gradient, float* velocity,
                          float* weights) {
  const hn::Vec<D> w = hn::LoadU(d, weights);
  const hn::Vec<D> g = hn::Mul(hn::Set(d, f.gradient_scale), hn::LoadU(d, gradient));
  const hn::Vec<D> decayed = hn::Add(g, hn::Mul(hn::Set(d, f.decay), w));
  const hn::Vec<D> v = hn::Add(hn::Mul(hn::Set(d, f.momentum), hn::LoadU(d, velocity)), decayed);
  hn::StoreU(v, d, velocity);
  hn::StoreU(hn::Sub(w, hn::Mul(hn::Set(d, f.rate), v)), d, weights);
}

void Sgd(const SgdFactors& f, int64_t count, const float* gradient, float* velocity,
         float* weights) {
  const hn::ScalableTag<float> d;
  const int64_t lanes = hn::Lanes(d);
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    SgdVector(d, f, gradient + i, velocity + i, weights + i);
  }
  for (; i < count; ++i) {
    SgdVector(hn::CappedTag<float, 1>(), f, gradient + i, velocity + i, weights + i);
  }
}

template <class D>
HWY_INLINE void AdamVector(D d, const AdamFactors& f, const float* gradient, float* m, float* v,
                           float* values) {
  using V = hn::Vec<D>;
  const hn::Rebind<float, D> narrow;
  const auto load = [&](const float* from)
                        HWY_ATTR { return hn::PromoteTo(d, hn::LoadU(narrow, from)); };
  // Returns what was stored.
  const auto store = [&](V value, float* to) HWY_ATTR {
    const auto rounded = hn::DemoteTo(narrow, value);
    hn::StoreU(rounded, narrow, to);
    return hn::PromoteTo(d, rounded);
  };
  const V x = load(values);
  const V g = hn::Add(load(gradient), hn::Mul(hn::Set(d, f.decay), x));
  const V share = hn::Mul(hn::Set(d, 1 - f.beta1), g);
  const V new_m = store(hn::Add(hn::Mul(hn::Set(d, f.beta1), load(m)), share), m);
  const V square = hn::Mul(hn::Mul(hn::Set(d, 1 - f.beta2), g), g);
  const V new_v = store(hn::Add(hn::Mul(hn::Set(d, f.beta2), load(v)), square), v);
  const V divisor = hn::Add(hn::Mul(hn::Set(d, f.root), hn::Sqrt(new_v)), hn::Set(d, f.epsilon));
  store(hn::Sub(x, hn::Div(hn::Mul(hn::Set(d, f.rate), new_m), divisor)), values);
}

void Adam(const AdamFactors& f, int64_t count, const float* gradient, float* m, float* v,
          float* values) {
  const hn::ScalableTag<double> d;
  const int64_t lanes = hn::Lanes(d);
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    AdamVector(d, f, gradient + i, m + i, v + i, values + i);
  }
  for (; i < count; ++i) {
    AdamVector(hn::CappedTag<double, 1>(), f, gradient + i, m + i, v + i, values + i);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace ssnas
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ssnas {

HWY_EXPORT(Squares);
HWY_EXPORT(Sgd);
HWY_EXPORT(Adam);

double SumOfSquares(const float* gradient, int64_t count) {
  return HWY_DYNAMIC_DISPATCH(Squares)(gradient, count);
}

void SgdUpdate(const SgdFactors& factors, int64_t count, const float* gradient, float* velocity,
               float* weights) {
  HWY_DYNAMIC_DISPATCH(Sgd)(factors, count, gradient, velocity, weights);
}

void AdamUpdate(const AdamFactors& factors, int64_t count, const float* gradient, float* m,
                float* v, float* values) {
  HWY_DYNAMIC_DISPATCH(Adam)(factors, count, gradient, m, v, values);
}

}  // namespace ssnas
#endif  // HWY_ONCE
