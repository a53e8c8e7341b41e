// NT-Xent with its gradient against the same in a few calls of libtorch, turn by turn in one run:
// projections of 128 floats, τ = 0.5.
//
// bazel run //bench/nt_xent:nt_xent_against_libtorch
//
// The time is ours; libtorch_ms the peer's; both are the least of all turns. GFLOP/s counts the
// three products of rows² · 128 that the plain way makes, exp not counted; ours makes two. Both
// results are compared first.
#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/div.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/matmul.h>
#include <benchmark/benchmark.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include "ssnas/core/parallel_for.h"
#include "ssnas/core/philox.h"
#include "ssnas/core/thread_pool.h"
#include "ssnas/objectives/nt_xent/nt_xent_loss.h"

namespace ssnas {
namespace {

constexpr int64_t kSize = 128;
constexpr double kTemperature = 0.5;

struct Result {
  double loss = 0;
  std::vector<float> gradient;
};

Result Ours(const std::vector<float>& z, int64_t rows, const ParallelFor& parallel_for) {
  Result result{.gradient = std::vector<float>(z.size())};
  result.loss =
      NtXentLoss(z.data(), rows, kSize, kTemperature, result.gradient.data(), parallel_for).loss;
  return result;
}

// As it is written everywhere: unit rows, all similarities, no row with itself, cross-entropy.
Result Libtorch(std::vector<float>& z, int64_t rows) {
  const at::AutoGradMode with_gradients(true);
  at::Tensor leaf = at::from_blob(z.data(), {rows, kSize}).detach().requires_grad_(true);
  const at::Tensor length = at::linalg_vector_norm(leaf, 2, at::IntArrayRef({1}), true);
  const at::Tensor unit = at::div(leaf, length.clamp_min(1e-8));
  const at::Tensor similarities = at::div(at::matmul(unit, unit.t()), kTemperature);
  similarities.fill_diagonal_(-std::numeric_limits<float>::infinity());
  const at::Tensor pairs = at::cat({at::arange(rows / 2, rows), at::arange(0, rows / 2)});
  const at::Tensor loss = at::cross_entropy_loss(similarities, pairs);
  torch::autograd::backward({loss}, {});
  const at::Tensor gradient = leaf.grad().contiguous();
  const float* values = gradient.data_ptr<float>();
  return {.loss = loss.item<double>(), .gradient = {values, values + z.size()}};
}

// ‖a − b‖ / ‖b‖
double Distance(const std::vector<float>& a, const std::vector<float>& b) {
  double off = 0, norm = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    off += std::pow(double{a[i]} - b[i], 2);
    norm += std::pow(b[i], 2);
  }
  return std::sqrt(off / norm);
}

double Seconds(const std::function<Result()>& run) {
  const auto begin = std::chrono::steady_clock::now();
  benchmark::DoNotOptimize(run());
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void AgainstLibtorch(benchmark::State& state) {
  const int64_t rows = state.range(0);
  const int threads = static_cast<int>(state.range(1));
  at::set_num_threads(threads);
  ThreadPool pool(threads);
  const ParallelFor parallel_for = pool.parallel_for();
  Philox random({.seed = 1});
  std::vector<float> z(rows * kSize);
  for (float& value : z) value = static_cast<float>(random.Normal());
  const Result ours = Ours(z, rows, parallel_for), peer = Libtorch(z, rows);
  // Both are float32; what is looked for is another formula, not a rounding.
  if (!(Distance(ours.gradient, peer.gradient) < 1e-5) ||
      !(std::abs(ours.loss / peer.loss - 1) < 1e-5)) {
    return state.SkipWithError("libtorch and we do not compute the same");
  }
  double least = HUGE_VAL, least_peer = HUGE_VAL;
  for (auto iteration : state) {
    const double seconds = Seconds([&] { return Ours(z, rows, parallel_for); });
    state.SetIterationTime(seconds);
    least = std::min(least, seconds);
    least_peer = std::min(least_peer, Seconds([&] { return Libtorch(z, rows); }));
  }
  state.counters["ms"] = least * 1e3;
  state.counters["libtorch_ms"] = least_peer * 1e3;
  state.counters["ratio"] = least_peer / least;
  state.counters["GFLOP/s"] = 6e-9 * static_cast<double>(rows * rows * kSize) / least;
}

BENCHMARK(AgainstLibtorch)
    ->ArgNames({"rows", "threads"})
    ->ArgsProduct({{64, 128, 256, 512, 1024, 2048, 4096}, {1, 2}})
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace ssnas
