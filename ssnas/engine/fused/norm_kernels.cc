// Norms, node sums and what their backward passes sum up: one pass over memory each.
//
// Loops run phase by phase (a register's worth of virtual channels), so that the factors of a phase
// stay in registers. Sums are taken in float over one call (the engine passes tiles of some tens
// of pixels) and added to the caller's doubles.
#include <algorithm>
#include <cstdint>

#include "ssnas/engine/fused/kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ssnas/engine/fused/norm_kernels.cc"
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

HWY_INLINE int64_t Lanes() { return static_cast<int64_t>(hn::Lanes(d)); }

// Whole registers of a phase, then its partial one: body(i) and tail(i, mask).
template <class Body, class Tail>
HWY_INLINE void ForPhase(int64_t phase, int64_t v, int64_t count, const Body& body,
                         const Tail& tail) {
  const int64_t lanes = Lanes();
  int64_t i = phase;
  for (; i + lanes <= count; i += v) body(i);
  if (i < count) tail(i, hn::FirstN(d, count - i));
}

// All registers of a row in order, where a register of factors is loaded each time: body(i, p) and
// tail(i, p, mask) with p = i modulo v. Memory that is not in cache comes fastest in order.
template <class Body, class Tail>
HWY_INLINE void InOrder(int64_t v, int64_t count, const Body& body, const Tail& tail) {
  const int64_t lanes = Lanes();
  int64_t i = 0, p = 0;
  for (; i + lanes <= count; i += lanes) {
    body(i, p);
    p += lanes;
    p = p == v ? 0 : p;
  }
  if (i < count) tail(i, p, hn::FirstN(d, count - i));
}

// The same with body(i, q) for four sums in turn: q counts whole registers modulo 4, the partial
// one is the next. An addition takes several cycles; four of them hide that.
template <class Body, class Tail>
HWY_INLINE void ForPhaseInFours(int64_t phase, int64_t v, int64_t count, const Body& body,
                                const Tail& tail) {
  const int64_t lanes = Lanes();
  int64_t i = phase;
  for (; i + 3 * v + lanes <= count; i += 4 * v) {
    body(i, 0);
    body(i + v, 1);
    body(i + 2 * v, 2);
    body(i + 3 * v, 3);
  }
  for (int q = 0; i + lanes <= count; i += v, ++q) body(i, q);
  if (i < count) tail(i, hn::FirstN(d, count - i));
}

struct FourSums {
  HWY_INLINE void Zero() { sum[0] = sum[1] = sum[2] = sum[3] = hn::Zero(d); }
  HWY_INLINE V Total() const { return hn::Add(hn::Add(sum[0], sum[1]), hn::Add(sum[2], sum[3])); }
  V sum[4];
};

HWY_INLINE void AddToDoubles(V sum, double* sums) {
  using Doubles = hn::CappedTag<double, kVirtualLanes / 2>;
  const Doubles doubles;
  const hn::Rebind<float, Doubles> floats;
  HWY_ALIGN float lanes[kVirtualLanes];
  hn::Store(sum, d, lanes);
  for (int64_t j = 0; j < Lanes(); j += static_cast<int64_t>(hn::Lanes(doubles))) {
    const auto more = hn::PromoteTo(doubles, hn::LoadU(floats, lanes + j));
    hn::StoreU(hn::Add(hn::LoadU(doubles, sums + j), more), doubles, sums + j);
  }
}

template <bool kAffine, bool kRelu>
HWY_INLINE void ActivateRow(const float* x, const float* scale, const float* shift, int64_t v,
                            int64_t count, float* y) {
  if (kAffine && v > Lanes()) {
    const auto value = [=](V in, int64_t p) {
      in = hn::MulAdd(in, hn::LoadU(d, scale + p), hn::LoadU(d, shift + p));
      return kRelu ? hn::Max(in, hn::Zero(d)) : in;
    };
    return InOrder(
        v, count,
        [=](int64_t i, int64_t p) { hn::StoreU(value(hn::LoadU(d, x + i), p), d, y + i); },
        [=](int64_t i, int64_t p, M mask) {
          hn::BlendedStore(value(PartialLoad(mask, d, x + i), p), mask, d, y + i);
        });
  }
  for (int64_t phase = 0; phase < std::min(v, count); phase += Lanes()) {
    V a = hn::Zero(d), b = hn::Zero(d);
    if (kAffine) {
      a = hn::LoadU(d, scale + phase);
      b = hn::LoadU(d, shift + phase);
    }
    const auto value = [&](V in) {
      if (kAffine) in = hn::MulAdd(in, a, b);
      return kRelu ? hn::Max(in, hn::Zero(d)) : in;
    };
    ForPhase(
        phase, v, count, [&](int64_t i) { hn::StoreU(value(hn::LoadU(d, x + i)), d, y + i); },
        [&](int64_t i, M mask) {
          hn::BlendedStore(value(PartialLoad(mask, d, x + i)), mask, d, y + i);
        });
  }
}

void Activate(const float* x, const float* scale, const float* shift, bool relu, int64_t v,
              int64_t count, float* y) {
  if (scale != nullptr) {
    relu ? ActivateRow<true, true>(x, scale, shift, v, count, y)
         : ActivateRow<true, false>(x, scale, shift, v, count, y);
  } else {
    // Without factors every register is like every other.
    relu ? ActivateRow<false, true>(x, scale, shift, kVirtualLanes, count, y)
         : ActivateRow<false, false>(x, scale, shift, kVirtualLanes, count, y);
  }
}

void Moments(const float* z, const float* center, int64_t v, int64_t count, double* sums) {
  for (int64_t phase = 0; phase < std::min(v, count); phase += Lanes()) {
    const V c = hn::LoadU(d, center + phase);
    FourSums sum, squares;
    sum.Zero();
    squares.Zero();
    const auto add = [&](V difference, int q) {
      sum.sum[q] = hn::Add(sum.sum[q], difference);
      squares.sum[q] = hn::MulAdd(difference, difference, squares.sum[q]);
    };
    ForPhaseInFours(
        phase, v, count, [&](int64_t i, int q) { add(hn::Sub(hn::LoadU(d, z + i), c), q); },
        [&](int64_t i, M mask) {
          add(hn::IfThenElseZero(mask, hn::Sub(PartialLoad(mask, d, z + i), c)), 0);
        });
    AddToDoubles(sum.Total(), sums + phase);
    AddToDoubles(squares.Total(), sums + v + phase);
  }
}

template <int T, bool kAccumulate>
HWY_INLINE void LinearSumRow(const Term* terms, const float* constant, int64_t v, int64_t count,
                             float* out) {
  if (v > Lanes()) {
    const float* source[T];
    const float* factor[T];
#pragma GCC unroll 8
    for (int t = 0; t < T; ++t) {
      factor[t] = terms[t].factor;
      source[t] = terms[t].source;
    }
    const auto start = [=](int64_t p) {
      return constant == nullptr ? hn::Zero(d) : hn::LoadU(d, constant + p);
    };
    return InOrder(
        v, count,
        [=](int64_t i, int64_t p) {
          V sum = kAccumulate ? hn::Add(hn::LoadU(d, out + i), start(p)) : start(p);
#pragma GCC unroll 8
          for (int t = 0; t < T; ++t) {
            sum = hn::MulAdd(hn::LoadU(d, source[t] + i), hn::LoadU(d, factor[t] + p), sum);
          }
          hn::StoreU(sum, d, out + i);
        },
        [=](int64_t i, int64_t p, M mask) {
          V sum = kAccumulate ? hn::Add(PartialLoad(mask, d, out + i), start(p)) : start(p);
          for (int t = 0; t < T; ++t) {
            sum = hn::MulAdd(PartialLoad(mask, d, source[t] + i), hn::LoadU(d, factor[t] + p), sum);
          }
          hn::BlendedStore(sum, mask, d, out + i);
        });
  }
  for (int64_t phase = 0; phase < std::min(v, count); phase += Lanes()) {
    V factor[T];
    const float* source[T];
#pragma GCC unroll 8
    for (int t = 0; t < T; ++t) {
      factor[t] = hn::LoadU(d, terms[t].factor + phase);
      source[t] = terms[t].source;
    }
    const V start = constant == nullptr ? hn::Zero(d) : hn::LoadU(d, constant + phase);
    ForPhase(
        phase, v, count,
        [&](int64_t i) {
          V sum = kAccumulate ? hn::Add(hn::LoadU(d, out + i), start) : start;
#pragma GCC unroll 8
          for (int t = 0; t < T; ++t) {
            sum = hn::MulAdd(hn::LoadU(d, source[t] + i), factor[t], sum);
          }
          hn::StoreU(sum, d, out + i);
        },
        [&](int64_t i, M mask) {
          V sum = kAccumulate ? hn::Add(PartialLoad(mask, d, out + i), start) : start;
          for (int t = 0; t < T; ++t) {
            sum = hn::MulAdd(PartialLoad(mask, d, source[t] + i), factor[t], sum);
          }
          hn::BlendedStore(sum, mask, d, out + i);
        });
  }
}

template <int T>
HWY_INLINE void LinearSumOf(const Term* terms, const float* constant, bool accumulate, int64_t v,
                            int64_t count, float* out) {
  if (accumulate) {
    LinearSumRow<T, true>(terms, constant, v, count, out);
  } else {
    LinearSumRow<T, false>(terms, constant, v, count, out);
  }
}

void LinearSum(const Term* terms, int term_count, const float* constant, bool accumulate, int64_t v,
               int64_t count, float* out) {
  switch (term_count) {
    case 1:
      return LinearSumOf<1>(terms, constant, accumulate, v, count, out);
    case 2:
      return LinearSumOf<2>(terms, constant, accumulate, v, count, out);
    case 3:
      return LinearSumOf<3>(terms, constant, accumulate, v, count, out);
    case 4:
      return LinearSumOf<4>(terms, constant, accumulate, v, count, out);
    case 5:
      return LinearSumOf<5>(terms, constant, accumulate, v, count, out);
    case 6:
      return LinearSumOf<6>(terms, constant, accumulate, v, count, out);
    case 7:
      return LinearSumOf<7>(terms, constant, accumulate, v, count, out);
    case 8:
      return LinearSumOf<8>(terms, constant, accumulate, v, count, out);
    default:
      HWY_ABORT("LinearSum of %d terms", term_count);
  }
}

void ChannelSums(const float* g, int64_t v, int64_t count, double* sums) {
  for (int64_t phase = 0; phase < std::min(v, count); phase += Lanes()) {
    FourSums sum;
    sum.Zero();
    ForPhaseInFours(
        phase, v, count,
        [&](int64_t i, int q) { sum.sum[q] = hn::Add(sum.sum[q], hn::LoadU(d, g + i)); },
        [&](int64_t i, M mask) { sum.sum[0] = hn::Add(sum.sum[0], PartialLoad(mask, d, g + i)); });
    AddToDoubles(sum.Total(), sums + phase);
  }
}

void ChannelProducts(const float* g, const float* z, const float* center, int64_t v, int64_t count,
                     double* sums) {
  for (int64_t phase = 0; phase < std::min(v, count); phase += Lanes()) {
    const V c = center == nullptr ? hn::Zero(d) : hn::LoadU(d, center + phase);
    FourSums sum;
    sum.Zero();
    ForPhaseInFours(
        phase, v, count,
        [&](int64_t i, int q) {
          sum.sum[q] = hn::MulAdd(hn::LoadU(d, g + i), hn::Sub(hn::LoadU(d, z + i), c), sum.sum[q]);
        },
        [&](int64_t i, M mask) {
          sum.sum[0] = hn::MulAdd(PartialLoad(mask, d, g + i),
                                  hn::Sub(PartialLoad(mask, d, z + i), c), sum.sum[0]);
        });
    AddToDoubles(sum.Total(), sums + phase);
  }
}

void GateGradient(const float* z, const float* scale, const float* shift, const float* center,
                  int64_t v, int64_t count, float* gradient, double* sums) {
  for (int64_t phase = 0; phase < std::min(v, count); phase += Lanes()) {
    const V a = hn::LoadU(d, scale + phase), b = hn::LoadU(d, shift + phase);
    const V c = hn::LoadU(d, center + phase);
    FourSums sum, products;
    sum.Zero();
    products.Zero();
    const auto gated = [&](V value, V g, int q) {
      const V kept = hn::IfThenElseZero(hn::Gt(hn::MulAdd(value, a, b), hn::Zero(d)), g);
      sum.sum[q] = hn::Add(sum.sum[q], kept);
      products.sum[q] = hn::MulAdd(kept, hn::Sub(value, c), products.sum[q]);
      return kept;
    };
    ForPhaseInFours(
        phase, v, count,
        [&](int64_t i, int q) {
          hn::StoreU(gated(hn::LoadU(d, z + i), hn::LoadU(d, gradient + i), q), d, gradient + i);
        },
        [&](int64_t i, M mask) {
          hn::BlendedStore(
              gated(PartialLoad(mask, d, z + i), PartialLoad(mask, d, gradient + i), 0), mask, d,
              gradient + i);
        });
    AddToDoubles(sum.Total(), sums + phase);
    AddToDoubles(products.Total(), sums + v + phase);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace ssnas::fused
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <numeric>

namespace ssnas::fused {

HWY_EXPORT(Activate);
HWY_EXPORT(Moments);
HWY_EXPORT(LinearSum);
HWY_EXPORT(ChannelSums);
HWY_EXPORT(ChannelProducts);
HWY_EXPORT(GateGradient);

int64_t SpreadSize(int64_t channels) { return std::lcm(channels, kVirtualLanes); }

void Spread(const float* values, int64_t channels, float* spread) {
  for (int64_t i = 0; i < SpreadSize(channels); i += channels) {
    std::copy(values, values + channels, spread + i);
  }
}

void Fold(const double* spread, int64_t channels, double* values) {
  for (int64_t i = 0; i < SpreadSize(channels); i += channels) {
    for (int64_t c = 0; c < channels; ++c) values[c] += spread[i + c];
  }
}

const char* InstructionSet() {
  // The best that both this program and this processor have.
  const int64_t targets = hwy::SupportedTargets() & HWY_TARGETS;
  return hwy::TargetName(targets & -targets);
}

void Activate(const float* x, const float* scale, const float* shift, bool relu, int64_t v,
              int64_t count, float* y) {
  HWY_DYNAMIC_DISPATCH(Activate)(x, scale, shift, relu, v, count, y);
}

void Moments(const float* z, const float* center, int64_t v, int64_t count, double* sums) {
  HWY_DYNAMIC_DISPATCH(Moments)(z, center, v, count, sums);
}

void LinearSum(const Term* terms, int term_count, const float* constant, bool accumulate, int64_t v,
               int64_t count, float* out) {
  HWY_DYNAMIC_DISPATCH(LinearSum)(terms, term_count, constant, accumulate, v, count, out);
}

void ChannelSums(const float* g, int64_t v, int64_t count, double* sums) {
  HWY_DYNAMIC_DISPATCH(ChannelSums)(g, v, count, sums);
}

void ChannelProducts(const float* g, const float* z, const float* center, int64_t v, int64_t count,
                     double* sums) {
  HWY_DYNAMIC_DISPATCH(ChannelProducts)(g, z, center, v, count, sums);
}

void GateGradient(const float* z, const float* scale, const float* shift, const float* center,
                  int64_t v, int64_t count, float* gradient, double* sums) {
  HWY_DYNAMIC_DISPATCH(GateGradient)(z, scale, shift, center, v, count, gradient, sums);
}

}  // namespace ssnas::fused
#endif  // HWY_ONCE
