// NT-Xent with its gradient, 128-d projections of 64 … 4,096 rows; checked first, then timed on one
// thread.
//
// bazel run //ssnas/objectives/nt_xent:nt_xent_benchmark
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "ssnas/core/philox.h"
#include "ssnas/core/testing/compare.h"
#include "ssnas/objectives/nt_xent/nt_xent_error_bound.h"
#include "ssnas/objectives/nt_xent/nt_xent_loss.h"
#include "ssnas/objectives/nt_xent/nt_xent_reference.h"

namespace ssnas {
namespace {

constexpr int64_t kSize = 128;
constexpr double kTemperature = 0.5;

absl::Status Check(const std::vector<float>& z, int64_t rows) {
  std::vector<float> gradient(z.size(), 0.0f);
  const LossValue value =
      NtXentLoss<float>(z.data(), rows, kSize, kTemperature, gradient.data(), SerialFor);
  const NtXentReference expected =
      NtXentByDefinition(std::vector<double>(z.begin(), z.end()), rows, kTemperature);
  const absl::Status status = Compare<double>({&value.loss, 1}, {&expected.value.loss, 1},
                                              NtXentLossBound(kSize, kTemperature, kFloatEpsilon));
  if (!status.ok()) return status;
  return Compare<float>(gradient, expected.gradient,
                        NtXentGradientBounds(expected, kSize, kTemperature, kFloatEpsilon));
}

void LossAndGradient(benchmark::State& state) {
  const int64_t rows = state.range(0);
  Philox random({.seed = 1});
  std::vector<float> z(rows * kSize), gradient(rows * kSize, 0.0f);
  for (float& value : z) value = static_cast<float>(random.Normal());
  // The definition takes 4 s for 4,096 rows: several blocks are enough to see a fault.
  const int64_t some = std::min<int64_t>(rows, 256);
  const absl::Status right = Check({z.begin(), z.begin() + some * kSize}, some);
  if (!right.ok()) return state.SkipWithError(right.ToString().c_str());
  for (auto iteration : state) {
    benchmark::DoNotOptimize(
        NtXentLoss<float>(z.data(), rows, kSize, kTemperature, gradient.data(), SerialFor));
  }
  // Three products of rows² · 128; the exponentials are not counted.
  const double flops = 6.0 * static_cast<double>(rows * rows * kSize);
  state.counters["GFLOP/s"] = benchmark::Counter(
      flops * 1e-9 * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

BENCHMARK(LossAndGradient)->RangeMultiplier(2)->Range(64, 4096)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace ssnas
