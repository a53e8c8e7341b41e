// Depthwise convolutions as sums over taps.
//
// Stride and dilation are in the taps' addresses (the engine stores the input of a strided
// convolution split by parity), so one loop serves every depthwise convolution, its input gradient
// (the flipped filter) and several convolutions of one source at once.
#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "ssnas/engine/fused/kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ssnas/engine/fused/tap_kernels.cc"
#include "hwy/foreach_target.h"  // Must come before highway.h.
#include "hwy/highway.h"
#include "ssnas/engine/fused/loads-inl.h"

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
    const V x = LoadOnce(d, source + i * v);
#pragma GCC unroll 8
    for (int t = 0; t < kTaps; ++t) {
      const int q = i - t * kStep;
      if (q >= 0 && q < Q) sums[q] = hn::MulAdd(x, factors[t], sums[q]);
    }
  }
}

template <int Q>
HWY_INLINE void AddRun(const TapRun& run, int64_t phase, int64_t row, int64_t offset, int64_t v,
                       V (&sums)[Q]) {
  const float* source = run.source + row * run.pitch + offset;
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

// What becomes of a sum: finish(sum, offset of its first float in the output).
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

// Q registers of a row, v floats apart.
template <int Q, class Finish>
HWY_INLINE void Tile(const TapRun* runs, int run_count, const TapRows& rows, int64_t row,
                     int64_t phase, int64_t offset, const Finish& finish) {
  V sums[Q];
#pragma GCC unroll 32
  for (int q = 0; q < Q; ++q) sums[q] = hn::Zero(d);
  for (int r = 0; r < run_count; ++r) AddRun<Q>(runs[r], phase, row, offset, rows.v, sums);
  const int64_t out = row * rows.pitch + offset;
#pragma GCC unroll 32
  for (int q = 0; q < Q; ++q) finish(sums[q], out + q * rows.v);
}

template <class Finish>
HWY_INLINE void Tail(const TapRun* runs, int run_count, const TapRows& rows, int64_t row,
                     int64_t phase, int64_t offset, const Finish& finish) {
  const int64_t left = rows.count - offset;
  const auto mask = hn::FirstN(d, left);
  V sum = hn::Zero(d);
  for (int r = 0; r < run_count; ++r) {
    const float* source = runs[r].source + row * runs[r].pitch + offset;
    for (int t = 0; t < runs[r].count; ++t) {
      sum = hn::MulAdd(PartialLoad(mask, d, source + t * runs[r].step),
                       hn::LoadU(d, runs[r].filter + t * runs[r].filter_step + phase), sum);
    }
  }
  finish.Tail(sum, row * rows.pitch + offset, left);
}

// Tiles of Q registers from float i of a row on; returns the first float that is left.
template <int Q, class Finish>
HWY_INLINE int64_t Tiles(const TapRun* runs, int run_count, const TapRows& rows, int64_t row,
                         int64_t phase, int64_t i, const Finish& finish) {
  const int64_t reach = (Q - 1) * rows.v + static_cast<int64_t>(hn::Lanes(d));
  for (; i + reach <= rows.count; i += Q * rows.v) {
    Tile<Q>(runs, run_count, rows, row, phase, i, finish);
  }
  return i;
}

template <class Finish>
HWY_INLINE void SumRows(const TapRun* runs, int run_count, const TapRows rows,
                        const Finish finish) {
  constexpr int kTile = kManyRegisters ? 16 : 8;
  for (int64_t phase = 0; phase < std::min(rows.v, rows.count);
       phase += static_cast<int64_t>(hn::Lanes(d))) {
    for (int64_t row = 0; row < rows.rows; ++row) {
      int64_t i = Tiles<kTile>(runs, run_count, rows, row, phase, phase, finish);
      if (kTile > 8) i = Tiles<8>(runs, run_count, rows, row, phase, i, finish);
      i = Tiles<4>(runs, run_count, rows, row, phase, i, finish);
      i = Tiles<1>(runs, run_count, rows, row, phase, i, finish);
      if (i < rows.count) Tail(runs, run_count, rows, row, phase, i, finish);
    }
  }
}

void TapSum(const TapRun* runs, int run_count, const TapRows& rows, float* out) {
  SumRows(runs, run_count, rows, Store{out});
}

void TapSumInto(const TapRun* runs, int run_count, const TapRows& rows, const float* gate,
                float* out) {
  if (gate != nullptr) {
    SumRows(runs, run_count, rows, AddGated{gate, out});
  } else {
    SumRows(runs, run_count, rows, AddTo{out});
  }
}

// R runs of T taps, kStep registers apart (0: any distance): P registers of the gradient, v floats
// apart, stay in registers while every input that meets them is loaded once.
template <int T, int kStep, int R, int P>
HWY_INLINE void MeetGradient(const FilterRun* runs, int64_t row, int64_t i, int64_t v,
                             const float* gradient, V (&sums)[R][T]) {
  V values[P];
#pragma GCC unroll 8
  for (int p = 0; p < P; ++p) values[p] = LoadOnce(d, gradient + i + p * v);
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r) {
    const float* source = runs[r].source + row * runs[r].pitch + i;
    if (kStep == 0) {
#pragma GCC unroll 8
      for (int t = 0; t < T; ++t) {
        sums[r][t] = hn::MulAdd(hn::LoadU(d, source + t * runs[r].step), values[0], sums[r][t]);
      }
      continue;
    }
#pragma GCC unroll 16
    for (int j = 0; j < P + (T - 1) * kStep; ++j) {
      const V x = LoadOnce(d, source + j * v);
#pragma GCC unroll 8
      for (int t = 0; t < T; ++t) {
        const int p = j - t * kStep;
        if (p >= 0 && p < P) sums[r][t] = hn::MulAdd(x, values[p], sums[r][t]);
      }
    }
  }
}

template <int T, int kStep, int R>
HWY_NOINLINE void GradientOf(const FilterRun* runs, const TapRows rows, const float* gradient) {
  constexpr int P = kStep == 0 ? 1 : 4;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d)), v = rows.v;
  for (int64_t phase = 0; phase < std::min(v, rows.count); phase += lanes) {
    V sums[R][T];
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) {
#pragma GCC unroll 8
      for (int t = 0; t < T; ++t) sums[r][t] = hn::Zero(d);
    }
    for (int64_t row = 0; row < rows.rows; ++row) {
      const float* g = gradient + row * rows.pitch;
      int64_t i = phase;
      for (; i + (P - 1) * v + lanes <= rows.count; i += P * v) {
        MeetGradient<T, kStep, R, P>(runs, row, i, v, g, sums);
      }
      for (; i + lanes <= rows.count; i += v) {
        MeetGradient<T, kStep, R, 1>(runs, row, i, v, g, sums);
      }
      if (i >= rows.count) continue;
      const auto mask = hn::FirstN(d, rows.count - i);
      const V value = PartialLoad(mask, d, g + i);
      for (int r = 0; r < R; ++r) {
        const float* source = runs[r].source + row * runs[r].pitch + i;
        for (int t = 0; t < T; ++t) {
          const V x = PartialLoad(mask, d, source + t * runs[r].step);
          sums[r][t] = hn::MulAdd(x, value, sums[r][t]);
        }
      }
    }
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) {
#pragma GCC unroll 8
      for (int t = 0; t < T; ++t) {
        float* to = runs[r].sums + t * runs[r].sums_step + phase;
        hn::StoreU(hn::Add(hn::LoadU(d, to), sums[r][t]), d, to);
      }
    }
  }
}

// As many of the first runs as fit the registers: those that are alike, up to kRuns.
template <int T, int kRuns>
HWY_INLINE int GradientOfAlike(const FilterRun* runs, int alike, const TapRows& rows,
                               const float* gradient) {
  const auto run = [&](auto step) {
    constexpr int kStep = decltype(step)::value;
    if (alike < kRuns) return GradientOf<T, kStep, 1>(runs, rows, gradient);
    GradientOf<T, kStep, kRuns>(runs, rows, gradient);
  };
  if (runs->step == rows.v) {
    run(std::integral_constant<int, 1>());
  } else if (runs->step == 2 * rows.v) {
    run(std::integral_constant<int, 2>());
  } else {
    run(std::integral_constant<int, 0>());
  }
  return alike < kRuns ? 1 : kRuns;
}

void TapGradient(const FilterRun* runs, int run_count, const TapRows& rows, const float* gradient) {
  for (int r = 0; r < run_count;) {
    const FilterRun& run = runs[r];
    int alike = 1;
    while (r + alike < run_count && runs[r + alike].count == run.count &&
           runs[r + alike].step == run.step) {
      ++alike;
    }
    if (run.count == 5) {
      r += GradientOfAlike < 5, kManyRegisters ? 5 : 1 > (runs + r, alike, rows, gradient);
    } else if (run.count == 3) {
      r += GradientOfAlike<3, 3>(runs + r, alike, rows, gradient);
    } else {
      for (int t = 0; t < run.count; ++t) {
        const FilterRun tap{
            run.source + t * run.step, run.sums + t * run.sums_step, 1, 0, 0, run.pitch};
        GradientOf<1, 0, 1>(&tap, rows, gradient);
      }
      ++r;
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

void TapSum(const TapRun* runs, int run_count, const TapRows& rows, float* out) {
  HWY_DYNAMIC_DISPATCH(TapSum)(runs, run_count, rows, out);
}

void TapSumInto(const TapRun* runs, int run_count, const TapRows& rows, const float* gate,
                float* out) {
  HWY_DYNAMIC_DISPATCH(TapSumInto)(runs, run_count, rows, gate, out);
}

void TapGradient(const FilterRun* runs, int run_count, const TapRows& rows, const float* gradient) {
  HWY_DYNAMIC_DISPATCH(TapGradient)(runs, run_count, rows, gradient);
}

}  // namespace ssnas::fused
#endif  // HWY_ONCE
