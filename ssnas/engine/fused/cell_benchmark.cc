// A search cell, forward and backward, on one thread and two.
#include <benchmark/benchmark.h>

#include <memory>
#include <vector>

#include "ssnas/core/logging.h"
#include "ssnas/core/thread_pool.h"
#include "ssnas/engine/fused/fused_engine.h"
#include "ssnas/engine/testing/block_runner.h"
#include "ssnas/networks/darts_space.h"
#include "ssnas/networks/network_plan.h"

namespace ssnas {
namespace {

// Arguments: channels, size, images, threads, gradients, cell.
void Cell(benchmark::State& state) {
  const int cell = static_cast<int>(state.range(5));
  const NetworkPlan plan =
      PlanSupernet(DartsSpace(), 8, static_cast<int>(state.range(0)), 3).value();
  const Shape4 images{state.range(2), state.range(1), state.range(1), 3};
  const std::vector<Shape4> shapes = plan.Shapes(images).value();
  const PlannedBlock& block = plan.blocks[cell];
  std::vector<Shape4> inputs;
  for (const int input : block.inputs) inputs.push_back(input == kImages ? images : shapes[input]);
  ThreadPool pool(static_cast<int>(state.range(3)));
  const auto engine = MakeFusedEngine({.parallel_for = pool.parallel_for()});
  const auto runner =
      BlockRunner<float>::Create(*engine, block.plan, RandomBlockData(block.plan, inputs, 1))
          .value();
  const unsigned gradients = static_cast<unsigned>(state.range(4));
  for (auto _ : state) {
    CHECK(runner->Forward(NormMode::kBatch, gradients).ok());
    if (gradients != kNoGradients) CHECK(runner->Backward(gradients).ok());
  }
}

BENCHMARK(Cell)
    ->ArgNames({"channels", "size", "images", "threads", "gradients", "block"})
    ->Args({16, 32, 32, 1, 0, 2})
    ->Args({16, 32, 32, 1, 5, 2})
    ->Args({16, 32, 32, 1, 6, 2})
    ->Args({16, 32, 32, 2, 0, 2})
    ->Args({16, 32, 32, 2, 5, 2})
    ->Args({16, 32, 32, 2, 5, 3})
    ->Args({16, 32, 32, 2, 5, 4})
    ->Args({16, 32, 32, 2, 5, 7})
    ->Args({16, 32, 32, 2, 5, 8})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
}  // namespace ssnas
