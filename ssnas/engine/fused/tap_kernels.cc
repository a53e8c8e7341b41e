// Depthwise convolutions as sums over taps.
//
// Stride and dilation are in the taps' addresses (the engine stores the input of a strided
// convolution split by parity), so one loop serves every depthwise convolution, its input gradient
// (the flipped filter) and several convolutions of one source at once.
#include <algorithm>
#include <cstdint>

#include "ssnas/engine/fused/kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ssnas/engine/fused/tap_kernels.cc"
#include "hwy/foreach_target.h"  // Must come before highway.h.
#include "hwy/highway.h"
#include "ssnas/engine/fused/partial-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ssnas::fused {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// 32 of them rather than 16.
constexpr bool kManyRegisters = HWY_TARGET <= HWY_AVX3 || HWY_TARGET == HWY_NEON;

// Virtual channels fit any register up to 16 lanes.
using D = hn::CappedTag<float, kVirtualLanes>;
using V = hn::Vec<D>;
const D d;

// Adds one tap to Q registers of a phase, v floats apart.
template <int Q>
HWY_INLINE void AddTap(const float* source, const float* filter, int64_t v, V (&sums)[Q]) {
  const V factor = hn::LoadU(d, filter);
#pragma GCC unroll 32
  for (int q = 0; q < Q; ++q) sums[q] = hn::MulAdd(hn::LoadU(d, source + q * v), factor, sums[q]);
}

// Adds kTaps taps that are kStep registers apart: every input is loaded once.
template <int Q, int kTaps, int kStep>
HWY_INLINE void Slide(const float* source, const float* filter, int64_t filter_step, int64_t v,
                      V (&sums)[Q]) {
  V factors[kTaps];
#pragma GCC unroll 8
  for (int t = 0; t < kTaps; ++t) factors[t] = hn::LoadU(d, filter + t * filter_step);
  constexpr int kFirst = kStep > 0 ? 0 : (kTaps - 1) * kStep;
  constexpr int kLast = Q - 1 + (kStep > 0 ? (kTaps - 1) * kStep : 0);
#pragma GCC unroll 64
  for (int i = kFirst; i <= kLast; ++i) {
    const V x = hn::LoadU(d, source + i * v);
#pragma GCC unroll 8
    for (int t = 0; t < kTaps; ++t) {
      const int q = i - t * kStep;
      if (q >= 0 && q < Q) sums[q] = hn::MulAdd(x, factors[t], sums[q]);
    }
  }
}

template <int Q>
HWY_INLINE void AddRun(const TapRun& run, int64_t phase, int64_t offset, int64_t v, V (&sums)[Q]) {
  const float* source = run.source + offset;
  const float* filter = run.filter + phase;
  // Short tiles are not worth the code.
  if (Q >= 8 && run.count == 3) {
    if (run.step == v) return Slide<Q, 3, 1>(source, filter, run.filter_step, v, sums);
    if (run.step == -v) return Slide<Q, 3, -1>(source, filter, run.filter_step, v, sums);
    if (run.step == 2 * v) return Slide<Q, 3, 2>(source, filter, run.filter_step, v, sums);
    if (run.step == -2 * v) return Slide<Q, 3, -2>(source, filter, run.filter_step, v, sums);
  }
  if (Q >= 8 && run.count == 5) {
    if (run.step == v) return Slide<Q, 5, 1>(source, filter, run.filter_step, v, sums);
    if (run.step == -v) return Slide<Q, 5, -1>(source, filter, run.filter_step, v, sums);
    if (run.step == 2 * v) return Slide<Q, 5, 2>(source, filter, run.filter_step, v, sums);
    if (run.step == -2 * v) return Slide<Q, 5, -2>(source, filter, run.filter_step, v, sums);
  }
  for (int t = 0; t < run.count; ++t) {
    AddTap<Q>(source + t * run.step, filter + t * run.filter_step, v, sums);
  }
}

struct Store {
  HWY_INLINE void operator()(V sum, int64_t i) const { hn::StoreU(sum, d, out + i); }
  HWY_INLINE void Tail(V sum, int64_t i, int64_t left) const {
    hn::BlendedStore(sum, hn::FirstN(d, left), d, out + i);
  }
  float* out;
};

struct AddTo {
  HWY_INLINE void operator()(V sum, int64_t i) const {
    hn::StoreU(hn::Add(hn::LoadU(d, out + i), sum), d, out + i);
  }
  HWY_INLINE void Tail(V sum, int64_t i, int64_t left) const {
    const auto mask = hn::FirstN(d, left);
    hn::BlendedStore(hn::Add(PartialLoad(mask, d, out + i), sum), mask, d, out + i);
  }
  float* out;
};

struct AddGated {
  HWY_INLINE V Gated(V sum, V x) const { return hn::IfThenElseZero(hn::Gt(x, hn::Zero(d)), sum); }
  HWY_INLINE void operator()(V sum, int64_t i) const {
    hn::StoreU(hn::Add(hn::LoadU(d, out + i), Gated(sum, hn::LoadU(d, gate + i))), d, out + i);
  }
  HWY_INLINE void Tail(V sum, int64_t i, int64_t left) const {
    const auto mask = hn::FirstN(d, left);
    const V gated = Gated(sum, PartialLoad(mask, d, gate + i));
    hn::BlendedStore(hn::Add(PartialLoad(mask, d, out + i), gated), mask, d, out + i);
  }
  const float* gate;
  float* out;
};

template <int Q, class Finish>
HWY_INLINE void Tile(const TapRun* runs, int run_count, int64_t phase, int64_t offset, int64_t v,
                     const Finish& finish) {
  V sums[Q];
#pragma GCC unroll 32
  for (int q = 0; q < Q; ++q) sums[q] = hn::Zero(d);
  for (int r = 0; r < run_count; ++r) AddRun<Q>(runs[r], phase, offset, v, sums);
#pragma GCC unroll 32
  for (int q = 0; q < Q; ++q) finish(sums[q], offset + q * v);
}

template <class Finish>
HWY_INLINE void Tail(const TapRun* runs, int run_count, int64_t phase, int64_t offset, int64_t left,
                     const Finish& finish) {
  const auto mask = hn::FirstN(d, left);
  V sum = hn::Zero(d);
  for (int r = 0; r < run_count; ++r) {
    for (int t = 0; t < runs[r].count; ++t) {
      sum = hn::MulAdd(PartialLoad(mask, d, runs[r].source + t * runs[r].step + offset),
                       hn::LoadU(d, runs[r].filter + t * runs[r].filter_step + phase), sum);
    }
  }
  finish.Tail(sum, offset, left);
}

template <class Finish>
HWY_INLINE void SumRow(const TapRun* runs, int run_count, int64_t v, int64_t count,
                       const Finish& finish) {
  constexpr int kTile = kManyRegisters ? 16 : 8;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t phase = 0; phase < std::min(v, count); phase += lanes) {
    int64_t i = phase;
    for (; i + (kTile - 1) * v + lanes <= count; i += kTile * v) {
      Tile<kTile>(runs, run_count, phase, i, v, finish);
    }
    if (kTile > 8) {
      for (; i + 7 * v + lanes <= count; i += 8 * v) Tile<8>(runs, run_count, phase, i, v, finish);
    }
    for (; i + 3 * v + lanes <= count; i += 4 * v) Tile<4>(runs, run_count, phase, i, v, finish);
    for (; i + lanes <= count; i += v) Tile<1>(runs, run_count, phase, i, v, finish);
    if (i < count) Tail(runs, run_count, phase, i, count - i, finish);
  }
}

void TapSum(const TapRun* runs, int run_count, int64_t v, int64_t count, float* out) {
  SumRow(runs, run_count, v, count, Store{out});
}

void TapSumInto(const TapRun* runs, int run_count, const float* gate, int64_t v, int64_t count,
                float* out) {
  if (gate != nullptr) {
    SumRow(runs, run_count, v, count, AddGated{gate, out});
  } else {
    SumRow(runs, run_count, v, count, AddTo{out});
  }
}

// T filter taps of one phase: each gradient register meets the T inputs that it was made from.
template <int T>
HWY_INLINE void GradientPhase(const float* const* sources, int64_t source_pitch,
                              const float* gradient, int64_t gradient_pitch, int64_t rows,
                              int64_t phase, int64_t v, int64_t count, float* sums) {
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  V sum[T];
  for (int t = 0; t < T; ++t) sum[t] = hn::Zero(d);
  for (int64_t row = 0; row < rows; ++row) {
    const float* g = gradient + row * gradient_pitch;
    const int64_t first = row * source_pitch;
    int64_t i = phase;
    for (; i + lanes <= count; i += v) {
      const V value = hn::LoadU(d, g + i);
#pragma GCC unroll 32
      for (int t = 0; t < T; ++t) {
        sum[t] = hn::MulAdd(hn::LoadU(d, sources[t] + first + i), value, sum[t]);
      }
    }
    if (i >= count) continue;
    const auto mask = hn::FirstN(d, count - i);
    const V value = PartialLoad(mask, d, g + i);
    for (int t = 0; t < T; ++t) {
      sum[t] = hn::MulAdd(PartialLoad(mask, d, sources[t] + first + i), value, sum[t]);
    }
  }
#pragma GCC unroll 32
  for (int t = 0; t < T; ++t) {
    float* to = sums + t * v + phase;
    hn::StoreU(hn::Add(hn::LoadU(d, to), sum[t]), d, to);
  }
}

void TapGradient(const float* const* sources, int tap_count, int64_t source_pitch,
                 const float* gradient, int64_t gradient_pitch, int64_t rows, int64_t v,
                 int64_t count, float* sums) {
  // 25 taps take 13 + 12 registers, 9 take 9; SSE and AVX2 have 16 registers in all.
  constexpr int kMost = kManyRegisters ? 25 : 13;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t phase = 0; phase < std::min(v, count); phase += lanes) {
    for (int t = 0; t < tap_count;) {
      const auto run = [&](auto taps) {
        GradientPhase<decltype(taps)::value>(sources + t, source_pitch, gradient, gradient_pitch,
                                             rows, phase, v, count, sums + t * v);
        t += decltype(taps)::value;
      };
      const int left = tap_count - t;
      if (left >= 25 && kMost >= 25) {
        run(std::integral_constant<int, kMost>());
      } else if (left >= 13) {
        run(std::integral_constant<int, 13>());
      } else if (left >= 12) {
        run(std::integral_constant<int, 12>());
      } else if (left >= 9) {
        run(std::integral_constant<int, 9>());
      } else if (left >= 4) {
        run(std::integral_constant<int, 4>());
      } else {
        run(std::integral_constant<int, 1>());
      }
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace ssnas::fused
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ssnas::fused {

HWY_EXPORT(TapSum);
HWY_EXPORT(TapSumInto);
HWY_EXPORT(TapGradient);

void TapSum(const TapRun* runs, int run_count, int64_t v, int64_t count, float* out) {
  HWY_DYNAMIC_DISPATCH(TapSum)(runs, run_count, v, count, out);
}

void TapSumInto(const TapRun* runs, int run_count, const float* gate, int64_t v, int64_t count,
                float* out) {
  HWY_DYNAMIC_DISPATCH(TapSumInto)(runs, run_count, gate, v, count, out);
}

void TapGradient(const float* const* sources, int tap_count, int64_t source_pitch,
                 const float* gradient, int64_t gradient_pitch, int64_t rows, int64_t v,
                 int64_t count, float* sums) {
  HWY_DYNAMIC_DISPATCH(TapGradient)
  (sources, tap_count, source_pitch, gradient, gradient_pitch, rows, v, count, sums);
}

}  // namespace ssnas::fused
#endif  // HWY_ONCE
