#include "ssnas/ops/testing/operation_benchmark.h"

#include <benchmark/benchmark.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/engine/reference/reference_engine.h"
#include "ssnas/engine/testing/block_checks.h"
#include "ssnas/engine/testing/block_runner.h"
#include "ssnas/ops/testing/operation_case.h"

namespace ssnas {
namespace {

// The supernet's first and last cells (DARTS: 16 channels at 32×32, 64 at 8×8) and a reduction.
const OperationCase kCases[] = {
    {.batch = 32, .size = 32, .channels = 16, .stride = 1},
    {.batch = 32, .size = 32, .channels = 16, .stride = 2},
    {.batch = 32, .size = 8, .channels = 64, .stride = 1},
    {.batch = 1, .size = 8, .channels = 8, .stride = 1},
};

// What is wrong is not timed. Two images are enough to see it, and plain loops are slow. They do
// not know modules.
absl::Status CheckResult(const BlockPlan& plan, OperationCase where) {
  where.batch = std::min<int64_t>(where.batch, 2);
  const BlockData data = RandomBlockData(plan, {where.input()}, 2);
  const auto engine = MakeReferenceEngine<float>();
  if (plan.nodes[0].edges[0].candidates[0].recipe.HasModule()) {
    SSNAS_ASSIGN_OR_RETURN(
        const TensorError worst,
        StepError(*engine, *MakeReferenceEngine<double>(), plan, data, NormMode::kBatch));
    return worst.error <= 0.01 ? absl::OkStatus()
                               : absl::InternalError(absl::StrCat(worst.tensor, " is wrong"));
  }
  return CheckAgainstPlainLoops<float>(*engine, plan, data, NormMode::kBatch);
}

void Report(benchmark::State& state, int64_t images, double flops) {
  state.SetItemsProcessed(state.iterations() * images);
  if (flops == 0) return;
  state.counters["GFLOP/s"] = benchmark::Counter(
      flops * 1e-9 * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

void Run(benchmark::State& state, const std::string& name, const OperationCase& where,
         bool backward) {
  SetReferenceThreads(1);
  const absl::StatusOr<BlockPlan> plan = PlanOperation(name, where, /*mixture=*/true);
  if (!plan.ok()) return state.SkipWithError(plan.status().ToString().c_str());
  const absl::Status right = CheckResult(*plan, where);
  if (!right.ok()) return state.SkipWithError(right.ToString().c_str());
  const auto runner = BlockRunner<float>::Create(*MakeReferenceEngine<float>(), *plan,
                                                 RandomBlockData(*plan, {where.input()}, 1));
  if (!runner.ok()) return state.SkipWithError(runner.status().ToString().c_str());
  const unsigned gradients = backward ? kAllGradients : kNoGradients;
  for (auto iteration : state) {
    absl::Status status = (*runner)->Forward(NormMode::kBatch, gradients);
    if (status.ok() && backward) status = (*runner)->Backward(gradients);
    if (!status.ok()) return state.SkipWithError(status.ToString().c_str());
  }
  const Recipe& recipe = plan->nodes[0].edges[0].candidates[0].recipe;
  Report(state, where.batch,
         2.0 * static_cast<double>(*recipe.MultiplyAdds(where.input())) * (backward ? 3 : 1));
}

}  // namespace

int RegisterOperationBenchmarks(const std::vector<std::string>& operations) {
  int count = 0;
  for (const std::string& name : operations) {
    for (const OperationCase& where : kCases) {
      for (const bool backward : {false, true}) {
        benchmark::RegisterBenchmark(
            absl::StrCat(name, backward ? "/step/" : "/forward/", where.Name()).c_str(),
            [name, where, backward](benchmark::State& state) { Run(state, name, where, backward); })
            ->Unit(benchmark::kMillisecond);
        ++count;
      }
    }
  }
  return count;
}

}  // namespace ssnas
