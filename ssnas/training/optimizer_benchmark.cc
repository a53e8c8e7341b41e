// Optimiser steps over the 2 million weights of the paper's supernet and over 16 million, which no
// cache holds, in GB/s that are read and written; a plain copy shows what the memory gives.
//
// bazel run //ssnas/training:optimizer_benchmark
//
// "of_copy" is a step's GB/s over those of the copy, both the best of all turns of one run.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <vector>

#include "absl/types/span.h"
#include "ssnas/core/thread_pool.h"
#include "ssnas/training/optimizer.h"

namespace ssnas {
namespace {

struct Buffers {
  explicit Buffers(int64_t count)
      : gradient(count, 0.1f), first(count, 0.2f), second(count, 0.3f), values(count, 0.4f) {}

  std::vector<float> gradient, first, second, values;
};

double Seconds(const std::function<void()>& run) {
  const auto begin = std::chrono::steady_clock::now();
  run();
  benchmark::ClobberMemory();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void Copy(Buffers& buffers, const ParallelFor& parallel_for) {
  parallel_for(static_cast<int64_t>(buffers.values.size()), [&](int64_t first, int64_t last) {
    std::memcpy(buffers.second.data() + first, buffers.gradient.data() + first,
                (last - first) * sizeof(float));
  });
}

void Sgd(Buffers& buffers, const ParallelFor& parallel_for) {
  SgdStep({.learning_rate = 0.025, .momentum = 0.9, .weight_decay = 3e-4}, buffers.gradient,
          absl::MakeSpan(buffers.first), absl::MakeSpan(buffers.values), parallel_for);
}

void Adam(Buffers& buffers, const ParallelFor& parallel_for) {
  AdamStep(AdamSpec(), 3, buffers.gradient, absl::MakeSpan(buffers.first),
           absl::MakeSpan(buffers.second), absl::MakeSpan(buffers.values), parallel_for);
}

void Norm(Buffers& buffers, const ParallelFor& parallel_for) {
  benchmark::DoNotOptimize(GradientNorm(buffers.gradient, parallel_for));
}

// `floats`: read and written for one element.
void Time(benchmark::State& state, void (*step)(Buffers&, const ParallelFor&), int floats) {
  const int64_t count = state.range(0);
  ThreadPool pool(static_cast<int>(state.range(1)));
  const ParallelFor parallel_for = pool.parallel_for();
  Buffers buffers(count);
  double least = HUGE_VAL, least_copy = HUGE_VAL;
  for (auto iteration : state) {
    const double seconds = Seconds([&] { step(buffers, parallel_for); });
    state.SetIterationTime(seconds);
    least = std::min(least, seconds);
    least_copy = std::min(least_copy, Seconds([&] { Copy(buffers, parallel_for); }));
  }
  const double bytes = static_cast<double>(count) * sizeof(float);
  state.counters["GB/s"] = 1e-9 * floats * bytes / least;
  state.counters["copy_GB/s"] = 1e-9 * 2 * bytes / least_copy;
  state.counters["of_copy"] = floats * least_copy / (2 * least);
}

void Sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgsProduct({{2026736, 1 << 24}, {1, 2}})
      ->UseManualTime()
      ->Unit(benchmark::kMillisecond);
}

BENCHMARK_CAPTURE(Time, norm, Norm, 1)->Apply(Sizes);
BENCHMARK_CAPTURE(Time, sgd, Sgd, 5)->Apply(Sizes);
BENCHMARK_CAPTURE(Time, adam, Adam, 7)->Apply(Sizes);

}  // namespace
}  // namespace ssnas
