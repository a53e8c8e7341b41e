// The reference engine records its decisions and takes those of another.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ssnas/engine/decisions.h"
#include "ssnas/engine/reference/reference_engine.h"
#include "ssnas/engine/testing/block_runner.h"

namespace ssnas {
namespace {

constexpr unsigned kAll = kWeightGradients | kInputGradients;
constexpr Shape4 kShape = {1, 2, 2, 1};

BlockPlan OneRecipe(Recipe recipe) {
  BlockPlan plan{.name = "block", .concat = {1}};
  plan.nodes.push_back({{{.candidates = {{"op", std::move(recipe)}}}}});
  return plan;
}

Recipe ReluOfOneChannel() {
  RecipeBuilder b(1);
  const int y = b.Relu(b.Input());
  return std::move(b).Build(y);
}

Recipe PoolOfOneChannel() {
  RecipeBuilder b(1);
  const int y = b.MaxPool(b.Input(), 2, 1, 0);
  return std::move(b).Build(y);
}

template <typename T>
std::unique_ptr<BlockRunner<T>> Runner(const BlockPlan& plan, const BlockData& data,
                                       const ReferenceOptions& options) {
  SetReferenceThreads(1);
  return BlockRunner<T>::Create(*MakeReferenceEngine<T>(options), plan, data).value();
}

TEST(ReplayTest, ReluRecordsWhatIsAboveZero) {
  const BlockPlan plan = OneRecipe(ReluOfOneChannel());
  DecisionTrace trace;
  auto runner = Runner<float>(plan, RandomBlockData(plan, {kShape}, 1), {.record = &trace});
  runner->SetInput(0, {-1, 0, 2, 1e-30});
  ASSERT_EQ(runner->Forward(NormMode::kBatch, kInputGradients), absl::OkStatus());
  const ReluDecision* relu = trace.FindRelu({"block", 0, 0, 0, 1});
  ASSERT_NE(relu, nullptr);
  EXPECT_EQ(relu->shape, kShape);
  EXPECT_EQ(relu->passed, (std::vector<uint8_t>{0, 0, 1, 1}));
  EXPECT_EQ(trace.Count(), 4);
}

TEST(ReplayTest, ReluTakesTheMaskThatItIsGiven) {
  const BlockPlan plan = OneRecipe(ReluOfOneChannel());
  BlockData data = RandomBlockData(plan, {kShape}, 1);
  data.output_gradient = {1, 2, 3, 4};
  DecisionTrace trace;
  trace.SetRelu({"block", 0, 0, 0, 1}, kShape, {1, 0, 0, 1});
  auto runner = Runner<double>(plan, data, {.replay = &trace});
  runner->SetInput(0, {-1, -2, 3, 4});
  ASSERT_EQ(runner->Forward(NormMode::kBatch, kInputGradients), absl::OkStatus());
  EXPECT_EQ(runner->output(), (std::vector<double>{-1, 0, 0, 4}));
  ASSERT_EQ(runner->Backward(kInputGradients), absl::OkStatus());
  EXPECT_EQ(runner->input_gradients(0), (std::vector<double>{1, 0, 0, 4}));
}

TEST(ReplayTest, MaxPoolRecordsAndTakesWinners) {
  const BlockPlan plan = OneRecipe(PoolOfOneChannel());
  BlockData data = RandomBlockData(plan, {kShape}, 1);
  data.output_gradient = {5};
  DecisionTrace recorded;
  auto runner = Runner<float>(plan, data, {.record = &recorded});
  runner->SetInput(0, {1, 4, 4, 2});
  ASSERT_EQ(runner->Forward(NormMode::kBatch, kInputGradients), absl::OkStatus());
  const MaxPoolDecision* pool = recorded.FindMaxPool({"block", 0, 0, 0, 1});
  ASSERT_NE(pool, nullptr);
  EXPECT_EQ(pool->shape, (Shape4{1, 1, 1, 1}));
  EXPECT_EQ(pool->winners, std::vector<int32_t>{1});  // the first of equals

  DecisionTrace given;
  given.SetMaxPool({"block", 0, 0, 0, 1}, {1, 1, 1, 1}, {3});
  EXPECT_EQ(recorded.CountDifferent(given), 1);
  auto replayed = Runner<double>(plan, data, {.replay = &given});
  replayed->SetInput(0, {1, 4, 4, 2});
  ASSERT_EQ(replayed->Forward(NormMode::kBatch, kInputGradients), absl::OkStatus());
  EXPECT_EQ(replayed->output(), std::vector<double>{2});
  ASSERT_EQ(replayed->Backward(kInputGradients), absl::OkStatus());
  EXPECT_EQ(replayed->input_gradients(0), (std::vector<double>{0, 0, 0, 5}));
}

// Two nodes, several images and channels, decisions behind a convolution and a norm.
BlockPlan Branched() {
  RecipeBuilder conv(4);
  int x = conv.BatchNorm("norm", conv.Pointwise("point", conv.Relu(conv.Input()), 4), true);
  x = conv.Depthwise("depth", conv.Relu(x), 3, 2, 1, 1);
  RecipeBuilder pool(4);
  const int y = pool.BatchNorm("norm", pool.MaxPool(pool.Input(), 3, 2, 1), true);
  BlockPlan plan{.name = "block", .concat = {1, 2}};
  plan.nodes.push_back({{{.from = 0, .candidates = {{"conv", std::move(conv).Build(x)}}}}});
  plan.nodes.push_back({{{.from = 0, .candidates = {{"pool", std::move(pool).Build(y)}}}}});
  return plan;
}

TEST(ReplayTest, OwnDecisionsChangeNothing) {
  const BlockPlan plan = Branched();
  const BlockData data = RandomBlockData(plan, {{2, 5, 6, 4}}, 3);
  DecisionTrace trace, none;
  auto recorder = Runner<double>(plan, data, {.record = &trace});
  auto replayer = Runner<double>(plan, data, {.replay = &trace});
  auto plain = Runner<double>(plan, data, {});
  for (auto* runner : {recorder.get(), replayer.get(), plain.get()}) {
    ASSERT_EQ(runner->Forward(NormMode::kBatch, kAll), absl::OkStatus());
    ASSERT_EQ(runner->Backward(kAll), absl::OkStatus());
    EXPECT_EQ(runner->output(), recorder->output());
    EXPECT_EQ(runner->input_gradients(0), recorder->input_gradients(0));
    EXPECT_EQ(runner->weight_gradients(), recorder->weight_gradients());
  }
  EXPECT_EQ(trace.Count(), 2 * 5 * 6 * 4 * 2 + 2 * 3 * 3 * 4);
  EXPECT_EQ(trace.CountDifferent(trace), 0);
  EXPECT_EQ(trace.CountDifferent(none), trace.Count());
}

TEST(ReplayTest, SaysWhichDecisionIsMissing) {
  const BlockPlan plan = Branched();
  const BlockData data = RandomBlockData(plan, {{2, 5, 6, 4}}, 3);
  const DecisionTrace empty;
  auto runner = Runner<double>(plan, data, {.replay = &empty});
  const absl::Status status = runner->Forward(NormMode::kBatch, kAll);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(status.message().find("node 0, edge 0, candidate 0, primitive 1"), std::string::npos)
      << status;
}

}  // namespace
}  // namespace ssnas
