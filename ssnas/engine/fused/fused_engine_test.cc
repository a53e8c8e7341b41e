#include "ssnas/engine/fused/fused_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ssnas/core/testing/compare.h"
#include "ssnas/core/thread_pool.h"
#include "ssnas/engine/reference/reference_engine.h"
#include "ssnas/engine/testing/block_checks.h"
#include "ssnas/engine/testing/block_runner.h"
#include "ssnas/networks/darts_space.h"
#include "ssnas/networks/network_plan.h"
#include "ssnas/ops/common_recipes.h"

namespace ssnas {
namespace {

constexpr unsigned kAll = kAllGradients;

// ‖a − r‖ / ‖r‖; of a tensor that is nothing beside the largest, ‖a − r‖ over the largest.
double RelativeError(const std::vector<double>& a, const std::vector<double>& r, double largest) {
  double difference = 0, norm = 0;
  for (size_t i = 0; i < r.size(); ++i) {
    difference += (a[i] - r[i]) * (a[i] - r[i]);
    norm += r[i] * r[i];
  }
  norm = std::sqrt(norm);
  return std::sqrt(difference) / (norm < 1e-6 * largest ? largest : norm);
}

double Norm(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value * value;
  return std::sqrt(sum);
}

struct Result {
  std::vector<std::string> names;
  std::vector<std::vector<double>> tensors;
};

template <typename T>
Result RunBlock(Engine<T>& engine, const BlockPlan& plan, const BlockData& data, NormMode norm,
                unsigned gradients) {
  auto created = BlockRunner<T>::Create(engine, plan, data);
  EXPECT_TRUE(created.ok()) << created.status();
  BlockRunner<T>& runner = **created;
  EXPECT_EQ(runner.Forward(norm, gradients), absl::OkStatus());
  const std::vector<double> statistics = runner.running_statistics();
  runner.PoisonInputs();
  EXPECT_EQ(runner.Backward(gradients), absl::OkStatus());
  EXPECT_EQ(runner.Check(), absl::OkStatus());
  Result result;
  const auto add = [&](const std::string& name, std::vector<double> values) {
    result.names.push_back(name);
    result.tensors.push_back(std::move(values));
  };
  add("output", runner.output());
  add("running statistics", statistics);
  add("mixture", runner.mixture_gradients());
  for (size_t i = 0; i < data.inputs.size(); ++i) {
    add("input " + std::to_string(i), runner.input_gradients(static_cast<int>(i)));
  }
  const std::vector<double> weights = runner.weight_gradients();
  for (size_t i = 0; i < runner.weight_layout().specs().size(); ++i) {
    const auto first = weights.begin() + runner.weight_layout().offset(static_cast<int>(i));
    const ParameterSpec& spec = runner.weight_layout().specs()[i];
    add(spec.name, std::vector<double>(first, first + spec.count()));
  }
  return result;
}

// The worst tensor against libtorch in float64.
void ExpectClose(const BlockPlan& plan, const BlockData& data, NormMode norm, unsigned gradients,
                 double tolerance) {
  const Result got = RunBlock<float>(*MakeFusedEngine({}), plan, data, norm, gradients);
  SetReferenceThreads(1);
  const Result expected =
      RunBlock<double>(*MakeReferenceEngine<double>(), plan, data, norm, gradients);
  double largest = 0;
  for (size_t i = 2; i < expected.tensors.size(); ++i) {
    largest = std::max(largest, Norm(expected.tensors[i]));
  }
  for (size_t i = 0; i < expected.tensors.size(); ++i) {
    if (expected.tensors[i].empty()) continue;
    EXPECT_LE(RelativeError(got.tensors[i], expected.tensors[i],
                            i < 2 ? Norm(expected.tensors[i]) + 1e-30 : largest),
              tolerance)
        << got.names[i];
  }
}

TEST(FusedEngineTest, SearchCells) {
  for (int channels : {4, 8, 16, 12}) {
    const auto plan = PlanSupernet(DartsSpace(), 3, channels, 3);
    ASSERT_TRUE(plan.ok()) << plan.status();
    const auto shapes = plan->Shapes({4, 16, 16, 3});
    for (size_t b = 0; b < plan->blocks.size(); ++b) {
      SCOPED_TRACE(plan->blocks[b].plan.name + " of " + std::to_string(channels));
      std::vector<Shape4> inputs;
      for (int input : plan->blocks[b].inputs) {
        inputs.push_back(input == kImages ? Shape4{4, 16, 16, 3} : (*shapes)[input]);
      }
      ExpectClose(plan->blocks[b].plan, RandomBlockData(plan->blocks[b].plan, inputs, 1),
                  NormMode::kBatchAndUpdate, kAll, 1e-5);
    }
  }
}

}  // namespace
}  // namespace ssnas
