#include <benchmark/benchmark.h>

#include <vector>

namespace {

void BM_Fill(benchmark::State& state) {
  std::vector<float> values(state.range(0));
  for (auto _ : state) {
    std::fill(values.begin(), values.end(), 1.0f);
    benchmark::DoNotOptimize(values.data());
  }
}
BENCHMARK(BM_Fill)->Arg(1024);

}  // namespace
