// Matrix products of the sizes that heads, losses and probes have; checked first, then timed on one
// thread.
//
// bazel run //ssnas/core:gemm_benchmark
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "ssnas/core/gemm.h"
#include "ssnas/core/philox.h"
#include "ssnas/core/testing/compare.h"

namespace ssnas {
namespace {

enum class Layout { kNN, kNT, kTN };

struct Problem {
  int64_t m, n, k;
  std::vector<float> a, b, c;

  Problem(int64_t m, int64_t n, int64_t k) : m(m), n(n), k(k), a(m * k), b(k * n), c(m * n) {
    Philox random({.seed = 1});
    for (float& value : a) value = static_cast<float>(random.Normal());
    for (float& value : b) value = static_cast<float>(random.Normal());
  }

  void Run(Layout layout) {
    if (layout == Layout::kNN) GemmNN(m, n, k, a.data(), b.data(), c.data());
    if (layout == Layout::kNT) GemmNT(m, n, k, a.data(), b.data(), c.data());
    if (layout == Layout::kTN) GemmTN(m, n, k, a.data(), b.data(), c.data());
  }

  // The element in the last row and column, and one in the middle.
  absl::Status Check(Layout layout) {
    std::fill(c.begin(), c.end(), 0.0f);
    Run(layout);
    for (const auto& [i, j] : {std::pair(m - 1, n - 1), std::pair(m / 2, n / 3)}) {
      double sum = 0, magnitudes = 0;
      for (int64_t l = 0; l < k; ++l) {
        const double x = layout == Layout::kTN ? a[l * m + i] : a[i * k + l];
        const double y = layout == Layout::kNT ? b[j * k + l] : b[l * n + j];
        sum += x * y;
        magnitudes += std::abs(x * y);
      }
      const absl::Status status =
          Compare<float>({&c[i * n + j], 1}, {&sum, 1}, ErrorBound(k, magnitudes, kFloatEpsilon));
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }
};

void Time(benchmark::State& state, Layout layout) {
  Problem problem(state.range(0), state.range(1), state.range(2));
  const absl::Status right = problem.Check(layout);
  if (!right.ok()) return state.SkipWithError(right.ToString().c_str());
  for (auto iteration : state) {
    problem.Run(layout);
    benchmark::ClobberMemory();
  }
  const double flops = 2.0 * static_cast<double>(problem.m * problem.n * problem.k);
  state.counters["GFLOP/s"] = benchmark::Counter(
      flops * 1e-9 * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

// m, n, k: the paper-size head's two layers (128 rows of 64 images), similarities of 512 and 4,096
// rows, the probe's logits and their gradient.
BENCHMARK_CAPTURE(Time, NT, Layout::kNT)
    ->Args({128, 256, 256})
    ->Args({128, 128, 256})
    ->Args({512, 512, 128})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Time, NN, Layout::kNN)
    ->Args({128, 256, 256})
    ->Args({64, 4096, 128})
    ->Args({64, 128, 4096})
    ->Args({10000, 10, 256})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Time, TN, Layout::kTN)
    ->Args({256, 256, 128})
    ->Args({4096, 128, 64})
    ->Args({10, 256, 10000})
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace ssnas
