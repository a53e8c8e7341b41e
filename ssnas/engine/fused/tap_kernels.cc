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

// Registers of at most N floats; virtual channels fill any of up to 16.
template <int N>
using Tag = hn::CappedTag<float, N>;
using D = Tag<kVirtualLanes>;

// Where a register's floats come from: those of one phase or channel block, `step` floats apart.
struct Walk {
  int64_t first;  // of the row, and of the filter
  int64_t step;
};

// Adds one tap to Q registers, `step` floats apart.
template <class T, int Q>
HWY_INLINE void AddTap(T d, const float* source, const float* filter, int64_t step,
                       hn::Vec<T> (&sums)[Q]) {
  const hn::Vec<T> factor = hn::LoadU(d, filter);
#pragma GCC unroll 32
  for (int q = 0; q < Q; ++q) {
    sums[q] = hn::MulAdd(hn::LoadU(d, source + q * step), factor, sums[q]);
  }
}

// Adds kTaps taps that are kStep registers apart: every input is loaded once.
template <int kTaps, int kStep, class T, int Q>
HWY_INLINE void Slide(T d, const float* source, const float* filter, int64_t filter_step,
                      int64_t step, hn::Vec<T> (&sums)[Q]) {
  hn::Vec<T> factors[kTaps];
#pragma GCC unroll 8
  for (int t = 0; t < kTaps; ++t) factors[t] = hn::LoadU(d, filter + t * filter_step);
  constexpr int kFirst = kStep > 0 ? 0 : (kTaps - 1) * kStep;
  constexpr int kLast = Q - 1 + (kStep > 0 ? (kTaps - 1) * kStep : 0);
#pragma GCC unroll 64
  for (int i = kFirst; i <= kLast; ++i) {
    const hn::Vec<T> x = LoadOnce(d, source + i * step);
#pragma GCC unroll 8
    for (int t = 0; t < kTaps; ++t) {
      const int q = i - t * kStep;
      if (q >= 0 && q < Q) sums[q] = hn::MulAdd(x, factors[t], sums[q]);
    }
  }
}

template <class T, int Q>
HWY_INLINE void AddRun(T d, const TapRun& run, int64_t row, int64_t offset, const Walk& walk,
                       hn::Vec<T> (&sums)[Q]) {
  const float* source = run.source + row * run.pitch + offset;
  const float* filter = run.filter + walk.first;
  const int64_t step = walk.step, between = run.filter_step;
  // Short tiles are not worth the code.
  if (Q >= 8 && run.count == 3) {
    if (run.step == step) return Slide<3, 1>(d, source, filter, between, step, sums);
    if (run.step == -step) return Slide<3, -1>(d, source, filter, between, step, sums);
    if (run.step == 2 * step) return Slide<3, 2>(d, source, filter, between, step, sums);
    if (run.step == -2 * step) return Slide<3, -2>(d, source, filter, between, step, sums);
  }
  if (Q >= 8 && run.count == 5) {
    if (run.step == step) return Slide<5, 1>(d, source, filter, between, step, sums);
    if (run.step == -step) return Slide<5, -1>(d, source, filter, between, step, sums);
    if (run.step == 2 * step) return Slide<5, 2>(d, source, filter, between, step, sums);
    if (run.step == -2 * step) return Slide<5, -2>(d, source, filter, between, step, sums);
  }
  for (int t = 0; t < run.count; ++t) {
    AddTap(d, source + t * run.step, filter + t * between, step, sums);
  }
}

// What becomes of a sum: finish(d, sum, offset of its first float in the output).
struct Store {
  template <class T>
  HWY_INLINE void operator()(T d, hn::Vec<T> sum, int64_t i) const {
    hn::StoreU(sum, d, out + i);
  }
  HWY_INLINE void Tail(D d, hn::Vec<D> sum, int64_t i, int64_t left) const {
    hn::BlendedStore(sum, hn::FirstN(d, left), d, out + i);
  }
  float* out;
};

struct AddTo {
  template <class T>
  HWY_INLINE void operator()(T d, hn::Vec<T> sum, int64_t i) const {
    hn::StoreU(hn::Add(hn::LoadU(d, out + i), sum), d, out + i);
  }
  HWY_INLINE void Tail(D d, hn::Vec<D> sum, int64_t i, int64_t left) const {
    const auto mask = hn::FirstN(d, left);
    hn::BlendedStore(hn::Add(PartialLoad(mask, d, out + i), sum), mask, d, out + i);
  }
  float* out;
};

struct AddGated {
  template <class T>
  HWY_INLINE hn::Vec<T> Gated(T d, hn::Vec<T> sum, hn::Vec<T> x) const {
    return hn::IfThenElseZero(hn::Gt(x, hn::Zero(d)), sum);
  }
  template <class T>
  HWY_INLINE void operator()(T d, hn::Vec<T> sum, int64_t i) const {
    const hn::Vec<T> gated = Gated(d, sum, hn::LoadU(d, gate + i));
    hn::StoreU(hn::Add(hn::LoadU(d, out + i), gated), d, out + i);
  }
  HWY_INLINE void Tail(D d, hn::Vec<D> sum, int64_t i, int64_t left) const {
    const auto mask = hn::FirstN(d, left);
    const hn::Vec<D> gated = Gated(d, sum, PartialLoad(mask, d, gate + i));
    hn::BlendedStore(hn::Add(PartialLoad(mask, d, out + i), gated), mask, d, out + i);
  }
  const float* gate;
  float* out;
};

// Q registers of a row from float `i` on.
template <int Q, class T, class Finish>
HWY_INLINE void Tile(T d, const TapRun* runs, int run_count, const TapRows& rows, int64_t row,
                     const Walk& walk, int64_t i, const Finish& finish) {
  hn::Vec<T> sums[Q];
#pragma GCC unroll 32
  for (int q = 0; q < Q; ++q) sums[q] = hn::Zero(d);
  for (int r = 0; r < run_count; ++r) AddRun(d, runs[r], row, i, walk, sums);
  const int64_t out = row * rows.pitch + i;
#pragma GCC unroll 32
  for (int q = 0; q < Q; ++q) finish(d, sums[q], out + q * walk.step);
}

template <class Finish>
HWY_INLINE void Tail(const TapRun* runs, int run_count, const TapRows& rows, int64_t row,
                     int64_t phase, int64_t offset, const Finish& finish) {
  const D d;
  const int64_t left = rows.count - offset;
  const auto mask = hn::FirstN(d, left);
  hn::Vec<D> sum = hn::Zero(d);
  for (int r = 0; r < run_count; ++r) {
    const float* source = runs[r].source + row * runs[r].pitch + offset;
    for (int t = 0; t < runs[r].count; ++t) {
      sum = hn::MulAdd(PartialLoad(mask, d, source + t * runs[r].step),
                       hn::LoadU(d, runs[r].filter + t * runs[r].filter_step + phase), sum);
    }
  }
  finish.Tail(d, sum, row * rows.pitch + offset, left);
}

// Tiles of Q registers from float i of a row on; returns the first float that is left.
template <int Q, class T, class Finish>
HWY_INLINE int64_t Tiles(T d, const TapRun* runs, int run_count, const TapRows& rows, int64_t row,
                         const Walk& walk, int64_t i, const Finish& finish) {
  const int64_t reach = (Q - 1) * walk.step + static_cast<int64_t>(hn::Lanes(d));
  for (; i + reach <= rows.count; i += Q * walk.step) {
    Tile<Q>(d, runs, run_count, rows, row, walk, i, finish);
  }
  return i;
}

template <class T, class Finish>
HWY_INLINE void SumWalk(T d, const TapRun* runs, int run_count, const TapRows rows, const Walk walk,
                        const Finish finish) {
  constexpr int kTile = kManyRegisters ? 16 : 8;
  for (int64_t row = 0; row < rows.rows; ++row) {
    int64_t i = Tiles<kTile>(d, runs, run_count, rows, row, walk, walk.first, finish);
    if (kTile > 8) i = Tiles<8>(d, runs, run_count, rows, row, walk, i, finish);
    i = Tiles<4>(d, runs, run_count, rows, row, walk, i, finish);
    i = Tiles<1>(d, runs, run_count, rows, row, walk, i, finish);
    // Only what goes by virtual channels may end within a register.
    if (walk.step == rows.v && i < rows.count) {
      Tail(runs, run_count, rows, row, walk.first, i, finish);
    }
  }
}

// Blocks of 16, 8 and 4 channels walk from pixel to pixel where a pixel has that many: neighbours
// then are a register apart. Calls body(d, first channel).
constexpr int64_t kLeastInBlocks = 8;
HWY_INLINE bool InBlocks(const TapRows& rows) {
  return rows.channels % 4 == 0 && rows.channels >= kLeastInBlocks;
}

template <class Body>
HWY_INLINE void ForBlocks(int64_t channels, const Body body) {
  int64_t c = 0;
  for (; c + static_cast<int64_t>(hn::Lanes(D())) <= channels; c += hn::Lanes(D())) body(D(), c);
  for (; c + 8 <= channels && hn::Lanes(Tag<8>()) == 8; c += 8) body(Tag<8>(), c);
  for (; c + 4 <= channels && hn::Lanes(Tag<4>()) == 4; c += 4) body(Tag<4>(), c);
  for (; c < channels; ++c) body(Tag<1>(), c);
}

template <class Finish>
HWY_INLINE void SumRows(const TapRun* runs, int run_count, const TapRows rows,
                        const Finish finish) {
  if (InBlocks(rows)) {
    // Copies: what a lambda refers to is read from memory again and again.
    return ForBlocks(rows.channels, [=](auto d, int64_t c) HWY_ATTR {
      SumWalk(d, runs, run_count, rows, {c, rows.channels}, finish);
    });
  }
  const D d;
  for (int64_t phase = 0; phase < std::min(rows.v, rows.count);
       phase += static_cast<int64_t>(hn::Lanes(d))) {
    SumWalk(d, runs, run_count, rows, {phase, rows.v}, finish);
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

// R runs of N taps, kStep registers apart (0: any distance): P registers of the gradient, `step`
// floats apart, stay in registers while every input that meets them is loaded once.
template <int kStep, int P, class T, int N, int R>
HWY_INLINE void MeetGradient(T d, const FilterRun* runs, int64_t row, int64_t i, int64_t step,
                             const float* gradient, hn::Vec<T> (&sums)[R][N]) {
  hn::Vec<T> values[P];
#pragma GCC unroll 8
  for (int p = 0; p < P; ++p) values[p] = LoadOnce(d, gradient + i + p * step);
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r) {
    const float* source = runs[r].source + row * runs[r].pitch + i;
    if (kStep == 0) {
#pragma GCC unroll 8
      for (int t = 0; t < N; ++t) {
        sums[r][t] = hn::MulAdd(hn::LoadU(d, source + t * runs[r].step), values[0], sums[r][t]);
      }
      continue;
    }
#pragma GCC unroll 16
    for (int j = 0; j < P + (N - 1) * kStep; ++j) {
      const hn::Vec<T> x = LoadOnce(d, source + j * step);
#pragma GCC unroll 8
      for (int t = 0; t < N; ++t) {
        const int p = j - t * kStep;
        if (p >= 0 && p < P) sums[r][t] = hn::MulAdd(x, values[p], sums[r][t]);
      }
    }
  }
}

template <int N, int R>
HWY_INLINE void MeetTail(const FilterRun* runs, const TapRows& rows, int64_t row, int64_t i,
                         const float* gradient, hn::Vec<D> (&sums)[R][N]) {
  const D d;
  const auto mask = hn::FirstN(d, rows.count - i);
  const hn::Vec<D> value = PartialLoad(mask, d, gradient + i);
  for (int r = 0; r < R; ++r) {
    const float* source = runs[r].source + row * runs[r].pitch + i;
    for (int t = 0; t < N; ++t) {
      const hn::Vec<D> x = PartialLoad(mask, d, source + t * runs[r].step);
      sums[r][t] = hn::MulAdd(x, value, sums[r][t]);
    }
  }
}

template <int N, int kStep, int R, bool kTail, class T>
HWY_NOINLINE void GradientWalk(T d, const FilterRun* runs, const TapRows rows, const Walk walk,
                               const float* gradient) {
  constexpr int P = kStep == 0 ? 1 : 4;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d)), step = walk.step;
  hn::Vec<T> sums[R][N];
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r) {
#pragma GCC unroll 8
    for (int t = 0; t < N; ++t) sums[r][t] = hn::Zero(d);
  }
  for (int64_t row = 0; row < rows.rows; ++row) {
    const float* g = gradient + row * rows.pitch;
    int64_t i = walk.first;
    for (; i + (P - 1) * step + lanes <= rows.count; i += P * step) {
      MeetGradient<kStep, P>(d, runs, row, i, step, g, sums);
    }
    for (; i + lanes <= rows.count; i += step)
      MeetGradient<kStep, 1>(d, runs, row, i, step, g, sums);
    if constexpr (kTail) {
      if (i < rows.count) MeetTail(runs, rows, row, i, g, sums);
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r) {
#pragma GCC unroll 8
    for (int t = 0; t < N; ++t) {
      float* to = runs[r].sums + t * runs[r].sums_step + walk.first;
      hn::StoreU(hn::Add(hn::LoadU(d, to), sums[r][t]), d, to);
    }
  }
}

template <int N, int kStep, int R>
HWY_INLINE void GradientOf(const FilterRun* runs, const TapRows& rows, const float* gradient) {
  if (InBlocks(rows)) {
    return ForBlocks(rows.channels, [&](auto d, int64_t c) HWY_ATTR {
      GradientWalk<N, kStep, R, false>(d, runs, rows, {c, rows.channels}, gradient);
    });
  }
  const D d;
  for (int64_t phase = 0; phase < std::min(rows.v, rows.count);
       phase += static_cast<int64_t>(hn::Lanes(d))) {
    GradientWalk<N, kStep, R, true>(d, runs, rows, {phase, rows.v}, gradient);
  }
}

// As many of the first runs as fit the registers: those that are alike, up to kRuns.
template <int N, int kRuns>
HWY_INLINE int GradientOfAlike(const FilterRun* runs, int alike, const TapRows& rows,
                               const float* gradient) {
  const auto run = [&](auto step) HWY_ATTR {
    constexpr int kStep = decltype(step)::value;
    if (alike < kRuns) return GradientOf<N, kStep, 1>(runs, rows, gradient);
    GradientOf<N, kStep, kRuns>(runs, rows, gradient);
  };
  const int64_t pixel = InBlocks(rows) ? rows.channels : rows.v;
  if (runs->step == pixel) {
    run(std::integral_constant<int, 1>());
  } else if (runs->step == 2 * pixel) {
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
