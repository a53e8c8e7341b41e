// Every kernel at the sizes of a search step: GFLOP/s beside what this core can do at most.
//
//     bazel run -c opt //ssnas/engine/fused:kernels_benchmark
#include <benchmark/benchmark.h>

#include <cstdint>
#include <vector>

#include "ssnas/core/aligned_buffer.h"
#include "ssnas/core/logging.h"
#include "ssnas/engine/fused/bf16_kernels.h"
#include "ssnas/engine/fused/kernels.h"

namespace ssnas::fused {
namespace {

// Rows of a 32×32 image at 16 channels, 16×16 at 32, 8×8 at 64: arguments are width and channels.
void Sizes(benchmark::internal::Benchmark* b) {
  b->ArgNames({"width", "channels"})
      ->Args({32, 16})
      ->Args({16, 32})
      ->Args({8, 64})
      ->Args({32, 8})
      ->Args({32, 36});
}

// On a cache line, as the engine's memory is.
class Values {
 public:
  explicit Values(int64_t count) {
    CHECK(memory_.Allocate(count).ok());
    for (int64_t i = 0; i < count; ++i) data()[i] = static_cast<float>(i % 17) / 17 - 0.4F;
  }
  float* data() const { return memory_.data(); }

 private:
  AlignedBuffer<float> memory_;
};

void Report(benchmark::State& state, double multiply_adds) {
  state.counters["GFLOP/s"] = benchmark::Counter(2 * multiply_adds * state.iterations() * 1e-9,
                                                 benchmark::Counter::kIsRate);
}

// A depthwise tile of four rows, in L1.
void DepthwiseRows(benchmark::State& state, int kernel) {
  const int64_t width = state.range(0), channels = state.range(1), v = SpreadSize(channels);
  const int64_t rows = 4, pitch = (width + kernel - 1) * channels;
  const Values x((rows + kernel) * pitch + 16), filters(kernel * kernel * v);
  Values y(rows * width * channels);
  std::vector<TapRun> runs;
  for (int i = 0; i < kernel; ++i) {
    runs.push_back(
        {x.data() + i * pitch, filters.data() + i * kernel * v, kernel, channels, v, pitch});
  }
  for (auto _ : state) {
    TapSum(runs.data(), kernel, {channels, v, width * channels, rows, width * channels}, y.data());
    benchmark::ClobberMemory();
  }
  Report(state, static_cast<double>(rows * width * channels * kernel * kernel));
}
BENCHMARK_CAPTURE(DepthwiseRows, 3x3, 3)->Apply(Sizes);
BENCHMARK_CAPTURE(DepthwiseRows, 5x5, 5)->Apply(Sizes);

void DepthwiseFilter(benchmark::State& state, int kernel) {
  const int64_t width = state.range(0), channels = state.range(1), v = SpreadSize(channels);
  const int64_t rows = 8, pitch = (width + kernel - 1) * channels;
  const Values x((rows + kernel) * pitch + 16);
  const Values g(rows * width * channels + 16);
  Values sums(kernel * kernel * v);
  std::vector<FilterRun> runs;
  for (int i = 0; i < kernel; ++i) {
    runs.push_back(
        {x.data() + i * pitch, sums.data() + i * kernel * v, kernel, channels, v, pitch});
  }
  for (auto _ : state) {
    TapGradient(runs.data(), kernel, {channels, v, width * channels, rows, width * channels},
                g.data());
    benchmark::ClobberMemory();
  }
  Report(state, static_cast<double>(rows * width * channels * kernel * kernel));
}
BENCHMARK_CAPTURE(DepthwiseFilter, 3x3, 3)->Apply(Sizes);
BENCHMARK_CAPTURE(DepthwiseFilter, 5x5, 5)->Apply(Sizes);

void PointwiseTile(benchmark::State& state) {
  const int64_t channels = state.range(1), pixels = 32;
  const Values a(pixels * channels);
  const Values b(channels * PackedColumns(channels));
  Values c(pixels * channels);
  for (auto _ : state) {
    Gemm(a.data(), channels, pixels, channels, b.data(), channels, c.data(), channels);
    benchmark::ClobberMemory();
  }
  Report(state, static_cast<double>(pixels * channels * channels));
}
BENCHMARK(PointwiseTile)->Apply(Sizes);

// Rounds its inputs too.
void PointwiseTileBf16(benchmark::State& state) {
  if (!HasBf16()) return state.SkipWithError("this CPU has no AVX512-BF16");
  const int64_t channels = state.range(1), pixels = 32;
  const Values a(pixels * channels), b(channels * channels);
  std::vector<uint32_t> pairs(Bf16Words(channels, channels));
  PackBf16(b.data(), channels, channels, channels, pairs.data());
  Values c(pixels * channels);
  for (auto _ : state) {
    GemmBf16(a.data(), channels, pixels, channels, pairs.data(), channels, c.data(), channels);
    benchmark::ClobberMemory();
  }
  Report(state, static_cast<double>(pixels * channels * channels));
}
BENCHMARK(PointwiseTileBf16)->Apply(Sizes);

// A cell's preprocessing: its input has four times as many channels.
void PreprocessingTile(benchmark::State& state) {
  const int64_t channels = state.range(1), in = 4 * channels, pixels = 32;
  const Values a(pixels * in);
  const Values b(in * PackedColumns(channels));
  Values c(pixels * channels);
  for (auto _ : state) {
    Gemm(a.data(), in, pixels, in, b.data(), channels, c.data(), channels);
    benchmark::ClobberMemory();
  }
  Report(state, static_cast<double>(pixels * in * channels));
}
BENCHMARK(PreprocessingTile)->Apply(Sizes);

void PointwiseFilter(benchmark::State& state) {
  const int64_t channels = state.range(1), pixels = 32;
  const Values a(pixels * channels), g(pixels * channels);
  Values sums(channels * PackedColumns(channels));
  for (auto _ : state) {
    GemmGradient(a.data(), channels, g.data(), channels, pixels, channels, channels, sums.data());
    benchmark::ClobberMemory();
  }
  Report(state, static_cast<double>(pixels * channels * channels));
}
BENCHMARK(PointwiseFilter)->Apply(Sizes);

// Element-wise passes over a tile of 32 pixels: elements a second.
template <typename Body>
void Elements(benchmark::State& state, const Body& body) {
  const int64_t channels = state.range(1), v = SpreadSize(channels), count = 32 * channels;
  const Values x(count), g(count), factor(v);
  Values y(count);
  std::vector<double> sums(2 * v);
  for (auto _ : state) {
    body(x.data(), g.data(), factor.data(), v, count, y.data(), sums.data());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * count);
}

void NodeSum(benchmark::State& state) {
  Elements(state, [](const float* x, const float* g, const float* factor, int64_t v, int64_t count,
                     float* y, double*) {
    const Term terms[] = {{x, factor}, {g, factor}, {x, factor}, {g, factor}};
    LinearSum(terms, 4, factor, true, v, count, y);
  });
}
BENCHMARK(NodeSum)->Apply(Sizes);

void NormMoments(benchmark::State& state) {
  Elements(state, [](const float* x, const float*, const float* factor, int64_t v, int64_t count,
                     float*, double* sums) { Moments(x, factor, v, count, sums); });
}
BENCHMARK(NormMoments)->Apply(Sizes);

void NormRelu(benchmark::State& state) {
  Elements(state, [](const float* x, const float*, const float* factor, int64_t v, int64_t count,
                     float* y, double*) { Activate(x, factor, factor, true, v, count, y); });
}
BENCHMARK(NormRelu)->Apply(Sizes);

void GatedGradient(benchmark::State& state) {
  Elements(state,
           [](const float* x, const float*, const float* factor, int64_t v, int64_t count, float* y,
              double* sums) { GateGradient(x, factor, factor, factor, v, count, y, sums); });
}
BENCHMARK(GatedGradient)->Apply(Sizes);

void Pool(benchmark::State& state, bool maximum, bool gradient) {
  const PoolShape shape{state.range(0), state.range(0), state.range(1)};
  const int64_t count = shape.height * shape.width * shape.channels;
  const Values x(count), g(count);
  Values y(count);
  for (auto _ : state) {
    if (maximum && gradient) MaxPoolGradient(x.data(), g.data(), shape, y.data());
    if (maximum && !gradient) MaxPool(x.data(), shape, y.data());
    if (!maximum && gradient) AveragePoolGradient(g.data(), shape, y.data());
    if (!maximum && !gradient) AveragePool(x.data(), shape, y.data());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * count);
}
BENCHMARK_CAPTURE(Pool, max, true, false)->Apply(Sizes);
BENCHMARK_CAPTURE(Pool, max_gradient, true, true)->Apply(Sizes);
BENCHMARK_CAPTURE(Pool, average, false, false)->Apply(Sizes);
BENCHMARK_CAPTURE(Pool, average_gradient, false, true)->Apply(Sizes);

}  // namespace
}  // namespace ssnas::fused
