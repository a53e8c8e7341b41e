// The linear probe at its default settings, on random rows: labels play no part in the time that it
// takes.
//
// bazel run //ssnas/training:linear_probe_benchmark
#include <benchmark/benchmark.h>

#include <cstdint>

#include "ssnas/core/philox.h"
#include "ssnas/training/linear_probe.h"

namespace ssnas {
namespace {

// rows, features, classes
void Train(benchmark::State& state) {
  ProbeData data{.dimensions = state.range(1)};
  const int classes = static_cast<int>(state.range(2));
  Philox random({.seed = 1});
  for (int64_t i = 0; i < state.range(0); ++i) {
    for (int64_t j = 0; j < data.dimensions; ++j) {
      data.features.push_back(static_cast<float>(random.Normal()));
    }
    data.labels.push_back(static_cast<int32_t>(random.Below(classes)));
  }
  for (auto iteration : state) {
    const auto probe = TrainLinearProbe(ProbeSpec(), data, classes);
    if (!probe.ok()) return state.SkipWithError(probe.status().ToString().c_str());
    benchmark::DoNotOptimize(probe->bias.data());
  }
}

BENCHMARK(Train)->Args({1000, 64, 10})->Args({10000, 256, 10})->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace ssnas
