#include "ssnas/engine/reference/reference_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "ssnas/core/testing/compare.h"
#include "ssnas/engine/testing/block_checks.h"
#include "ssnas/engine/testing/block_runner.h"

namespace ssnas {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;

constexpr unsigned kAll = kAllGradients;
constexpr Shape4 kShape = {2, 5, 6, 4};

template <typename T>
std::unique_ptr<BlockRunner<T>> MakeRunner(const BlockPlan& plan, const BlockData& data) {
  // Blocks this small gain nothing from a second thread.
  SetReferenceThreads(1);
  const auto engine = MakeReferenceEngine<T>();
  auto runner = BlockRunner<T>::Create(*engine, plan, data);
  EXPECT_TRUE(runner.ok()) << runner.status();
  return runner.ok() ? *std::move(runner) : nullptr;
}

CandidatePlan Candidate(const std::string& name, int64_t channels,
                        const std::function<int(RecipeBuilder&)>& make) {
  RecipeBuilder b(channels);
  const int output = make(b);
  return {name, std::move(b).Build(output)};
}

BlockPlan OneEdge(CandidatePlan candidate) {
  BlockPlan plan{.name = "block", .concat = {1}};
  plan.nodes.push_back({{{.candidates = {std::move(candidate)}}}});
  return plan;
}

CandidatePlan Separable(int64_t channels) {
  return Candidate("sep", channels, [channels](RecipeBuilder& b) {
    return b.BatchNorm(
        "norm", b.Pointwise("point", b.Depthwise("depth", b.Relu(0), 3, 1, 1, 1), channels), true);
  });
}

CandidatePlan Identity(int64_t channels) {
  return Candidate("skip", channels, [](RecipeBuilder& b) { return b.Identity(0); });
}

CandidatePlan Zero(int64_t channels) {
  return Candidate("none", channels, [](RecipeBuilder& b) { return b.Zero(0, 1); });
}

// Two inputs; mixtures, a plain edge, two edges between the same states, drop-path; a concat of
// three states.
BlockPlan Cell() {
  const auto mixed = [](int from, int row) {
    return EdgePlan{.from = from,
                    .candidates = {Zero(4), Identity(4), Separable(4)},
                    .mixture_row = row,
                    .drop_path = true};
  };
  BlockPlan plan{.name = "cell", .inputs = 2};
  plan.nodes.push_back({{mixed(0, 0), mixed(1, 1)}});
  plan.nodes.push_back({{mixed(1, 2),
                         mixed(2, 3),
                         {.from = 2, .candidates = {Identity(4)}},
                         {.from = 2, .candidates = {Separable(4)}, .drop_path = true}}});
  plan.concat = {3, 2, 0};
  return plan;
}

BlockData CellData() {
  BlockData data = RandomBlockData(Cell(), {kShape, kShape}, 5);
  // Six edges of two images.
  data.drop_path = {1.25, 0, 1.25, 1.25, 0, 1.25, 1.25, 1.25, 7, 7, 0, 1.25};
  return data;
}

template <typename T>
void ExpectPlain(const BlockPlan& plan, const BlockData& data, NormMode norm) {
  SetReferenceThreads(1);
  EXPECT_EQ(CheckAgainstPlainLoops<T>(*MakeReferenceEngine<T>(), plan, data, norm),
            absl::OkStatus());
}

struct PrimitiveCase {
  std::string name;
  std::function<int(RecipeBuilder&)> make;
};

void PrintTo(const PrimitiveCase& value, std::ostream* out) { *out << value.name; }

class PrimitiveTest : public ::testing::TestWithParam<PrimitiveCase> {};

TEST_P(PrimitiveTest, IsWhatPlainLoopsGive) {
  const BlockPlan plan = OneEdge(Candidate("one", 4, GetParam().make));
  for (const Shape4& shape : {kShape, Shape4{3, 1, 1, 4}, Shape4{1, 8, 3, 4}}) {
    SCOPED_TRACE(shape.h);
    const BlockData data = RandomBlockData(plan, {shape}, 2);
    ExpectPlain<double>(plan, data, NormMode::kBatch);
    ExpectPlain<float>(plan, data, NormMode::kBatch);
    ExpectPlain<double>(plan, data, NormMode::kRunning);
    ExpectPlain<float>(plan, data, NormMode::kRunning);
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, PrimitiveTest,
    ::testing::Values(
        PrimitiveCase{"identity", [](RecipeBuilder& b) { return b.Identity(0); }},
        PrimitiveCase{"zero", [](RecipeBuilder& b) { return b.Zero(0, 2); }},
        PrimitiveCase{"relu", [](RecipeBuilder& b) { return b.Relu(0); }},
        PrimitiveCase{"shift", [](RecipeBuilder& b) { return b.Shift(0); }},
        PrimitiveCase{"depthwise",
                      [](RecipeBuilder& b) { return b.Depthwise("d", 0, 5, 1, 1, 2); }},
        PrimitiveCase{"strided", [](RecipeBuilder& b) { return b.Depthwise("d", 0, 3, 2, 1, 1); }},
        PrimitiveCase{"dilated", [](RecipeBuilder& b) { return b.Depthwise("d", 0, 3, 2, 2, 2); }},
        PrimitiveCase{"pointwise", [](RecipeBuilder& b) { return b.Pointwise("p", 0, 3, 1); }},
        PrimitiveCase{"halving", [](RecipeBuilder& b) { return b.Pointwise("p", 0, 1, 2); }},
        PrimitiveCase{"conv", [](RecipeBuilder& b) { return b.Conv("c", 0, 5, 3, 2, 1); }},
        PrimitiveCase{"norm", [](RecipeBuilder& b) { return b.BatchNorm("n", 0, false); }},
        PrimitiveCase{"affine", [](RecipeBuilder& b) { return b.BatchNorm("n", 0, true); }},
        PrimitiveCase{"max_pool", [](RecipeBuilder& b) { return b.MaxPool(0, 3, 2, 1); }},
        PrimitiveCase{"avg_pool", [](RecipeBuilder& b) { return b.AvgPool(0, 3, 1, 1); }},
        PrimitiveCase{"concat",
                      [](RecipeBuilder& b) {
                        return b.Concat({b.Relu(0), 0, 0});
                      }}),
    [](const auto& info) { return info.param.name; });

TEST(ReferenceEngineTest, ACellIsTheSumOfItsMixturesAndDropsPaths) {
  ExpectPlain<double>(Cell(), CellData(), NormMode::kBatch);
  ExpectPlain<float>(Cell(), CellData(), NormMode::kBatch);
  ExpectPlain<double>(Cell(), CellData(), NormMode::kRunning);
}

TEST(ReferenceEngineTest, GradientsOfACellAreThoseOfFiniteDifferences) {
  SetReferenceThreads(1);
  for (const NormMode norm : {NormMode::kBatch, NormMode::kRunning}) {
    EXPECT_EQ(CheckBlockGradients(*MakeReferenceEngine<double>(), Cell(), CellData(), norm, 40),
              absl::OkStatus());
  }
}

TEST(ReferenceEngineTest, OnlyTheInputsAreNeededAfterForward) {
  for (const NormMode norm : {NormMode::kBatch, NormMode::kBatchAndUpdate, NormMode::kRunning}) {
    const auto fresh = MakeRunner<double>(Cell(), CellData());
    const auto other = MakeRunner<double>(Cell(), CellData());
    ASSERT_EQ(fresh->Forward(norm, kAll), absl::OkStatus());
    ASSERT_EQ(other->Forward(norm, kAll), absl::OkStatus());
    other->PoisonParameters();
    ASSERT_EQ(fresh->Backward(kAll), absl::OkStatus());
    ASSERT_EQ(other->Backward(kAll), absl::OkStatus());
    EXPECT_EQ(CompareBits<double>(other->weight_gradients(), fresh->weight_gradients()),
              absl::OkStatus());
    EXPECT_EQ(CompareBits<double>(other->mixture_gradients(), fresh->mixture_gradients()),
              absl::OkStatus());
    EXPECT_EQ(CompareBits<double>(other->input_gradients(0), fresh->input_gradients(0)),
              absl::OkStatus());
  }
}

TEST(ReferenceEngineTest, OnlyWhatIsAskedForIsComputed) {
  const auto all = MakeRunner<double>(Cell(), CellData());
  ASSERT_EQ(all->Forward(NormMode::kBatch, kAll), absl::OkStatus());
  ASSERT_EQ(all->Backward(kAll), absl::OkStatus());
  for (unsigned mask = 1; mask <= kAll; ++mask) {
    // Kept by Forward already, or chosen by Backward among more.
    for (const unsigned kept : {mask, kAll}) {
      const auto runner = MakeRunner<double>(Cell(), CellData());
      ASSERT_EQ(runner->Forward(NormMode::kBatch, kept), absl::OkStatus());
      ASSERT_EQ(runner->Backward(mask), absl::OkStatus());
      const auto expect = [&](bool wanted, const std::vector<double>& got,
                              const std::vector<double>& full) {
        const std::vector<double> nothing(full.size(), 0.0);
        EXPECT_EQ(CompareBits<double>(got, wanted ? full : nothing), absl::OkStatus()) << mask;
      };
      expect(mask & kWeightGradients, runner->weight_gradients(), all->weight_gradients());
      expect(mask & kAlphaGradients, runner->mixture_gradients(), all->mixture_gradients());
      expect(mask & kInputGradients, runner->input_gradients(0), all->input_gradients(0));
      expect(mask & kInputGradients, runner->input_gradients(1), all->input_gradients(1));
      EXPECT_EQ(runner->Check(), absl::OkStatus());
    }
  }
  const auto one = MakeRunner<double>(Cell(), CellData());
  one->SkipInputGradient(0);
  ASSERT_EQ(one->Forward(NormMode::kBatch, kInputGradients), absl::OkStatus());
  ASSERT_EQ(one->Backward(kInputGradients), absl::OkStatus());
  EXPECT_THAT(one->input_gradients(0), Each(0.0));
  EXPECT_EQ(CompareBits<double>(one->input_gradients(1), all->input_gradients(1)),
            absl::OkStatus());
}

TEST(ReferenceEngineTest, GradientsAreAddedAndTwoRunsGiveTheSameBits) {
  const auto runner = MakeRunner<float>(Cell(), CellData());
  ASSERT_EQ(runner->Forward(NormMode::kBatch, kAll), absl::OkStatus());
  ASSERT_EQ(runner->Backward(kAll), absl::OkStatus());
  const std::vector<double> output = runner->output(), once = runner->weight_gradients();
  const std::vector<double> alphas = runner->mixture_gradients(), x = runner->input_gradients(1);
  ASSERT_EQ(runner->Forward(NormMode::kBatch, kAll), absl::OkStatus());
  ASSERT_EQ(runner->Backward(kAll), absl::OkStatus());
  EXPECT_EQ(CompareBits<double>(runner->output(), output), absl::OkStatus());
  const auto twice = [](std::vector<double> values) {
    for (double& value : values) value *= 2;
    return values;
  };
  EXPECT_EQ(CompareBits<double>(runner->weight_gradients(), twice(once)), absl::OkStatus());
  EXPECT_EQ(CompareBits<double>(runner->mixture_gradients(), twice(alphas)), absl::OkStatus());
  EXPECT_EQ(CompareBits<double>(runner->input_gradients(1), twice(x)), absl::OkStatus());
}

TEST(ReferenceEngineTest, RunningStatisticsMoveOnlyWhenTold) {
  const BlockPlan plan =
      OneEdge(Candidate("norm", 4, [](RecipeBuilder& b) { return b.BatchNorm("n", 0, false); }));
  const BlockData data = RandomBlockData(plan, {kShape}, 3);
  const auto runner = MakeRunner<double>(plan, data);
  for (const NormMode norm : {NormMode::kBatch, NormMode::kRunning}) {
    ASSERT_EQ(runner->Forward(norm, kAll), absl::OkStatus());
    ASSERT_EQ(runner->Backward(kAll), absl::OkStatus());
    EXPECT_EQ(CompareBits<double>(runner->running_statistics(), data.running_statistics),
              absl::OkStatus());
  }
  ASSERT_EQ(runner->Forward(NormMode::kBatchAndUpdate, kNoGradients), absl::OkStatus());
  const int64_t count = kShape.n * kShape.h * kShape.w;
  std::vector<double> expected = data.running_statistics;
  for (int64_t c = 0; c < 4; ++c) {
    double mean = 0, squares = 0;
    for (int64_t i = 0; i < count; ++i) mean += data.inputs[0][i * 4 + c] / count;
    for (int64_t i = 0; i < count; ++i) squares += std::pow(data.inputs[0][i * 4 + c] - mean, 2);
    expected[c] = 0.9 * expected[c] + 0.1 * mean;
    expected[4 + c] = 0.9 * expected[4 + c] + 0.1 * squares / (count - 1);
  }
  // No |x| nor square here exceeds 16.
  EXPECT_EQ(Compare<double>(runner->running_statistics(), expected,
                            ErrorBound(2 * count, 16.0, kDoubleEpsilon)),
            absl::OkStatus());
}

TEST(ReferenceEngineTest, AMixtureOfNothingIsZeroAndHasZeroGradients) {
  BlockPlan plan = OneEdge(Zero(4));
  plan.nodes[0].edges[0].candidates.push_back(Zero(4));
  plan.nodes[0].edges[0].mixture_row = 0;
  const auto runner = MakeRunner<float>(plan, RandomBlockData(plan, {kShape}, 1));
  ASSERT_EQ(runner->Forward(NormMode::kBatch, kAll), absl::OkStatus());
  EXPECT_THAT(runner->output(), Each(0.0));
  ASSERT_EQ(runner->Backward(kAll), absl::OkStatus());
  EXPECT_THAT(runner->mixture_gradients(), Each(0.0));
  EXPECT_THAT(runner->input_gradients(0), Each(0.0));
}

TEST(ReferenceEngineTest, BackwardNeedsAForwardThatKeptEnough) {
  const auto runner = MakeRunner<float>(Cell(), CellData());
  const auto refused = [&](unsigned gradients) {
    return runner->Backward(gradients).code() == absl::StatusCode::kFailedPrecondition;
  };
  EXPECT_TRUE(refused(kWeightGradients));
  ASSERT_EQ(runner->Forward(NormMode::kBatch, kNoGradients), absl::OkStatus());
  EXPECT_TRUE(refused(kWeightGradients));
  ASSERT_EQ(runner->Forward(NormMode::kBatch, kAlphaGradients), absl::OkStatus());
  EXPECT_TRUE(refused(kWeightGradients));
  ASSERT_EQ(runner->Backward(kAlphaGradients), absl::OkStatus());
  EXPECT_TRUE(refused(kAlphaGradients));
}

TEST(ReferenceEngineTest, RefusesWhatHasNoMeaning) {
  const auto engine = MakeReferenceEngine<float>();
  const BlockPlan plan = OneEdge(Separable(4));
  ParameterLayout empty;
  EXPECT_EQ(engine->Build(plan, empty, empty).status().code(), absl::StatusCode::kNotFound);
  // One value a channel has no variance.
  const auto runner = MakeRunner<float>(plan, RandomBlockData(plan, {{1, 1, 1, 4}}, 1));
  const absl::Status status = runner->Forward(NormMode::kBatch, kNoGradients);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("block 'block': sep normalises one value"));
  EXPECT_EQ(runner->Forward(NormMode::kRunning, kNoGradients), absl::OkStatus());
}

TEST(ReferenceEngineTest, OutOfMemoryIsAStatus) {
  // 2⁴⁶ pixels of padding around one: more bytes than there are addresses.
  constexpr int kPadding = 1 << 22;
  const BlockPlan plan = OneEdge(
      Candidate("wide", 1, [](RecipeBuilder& b) { return b.Conv("c", 0, 1, 1, 1, kPadding); }));
  ParameterLayout weights, statistics;
  plan.AddParameters(&weights, &statistics);
  const auto engine = MakeReferenceEngine<double>();
  const auto block = *engine->Build(plan, weights, statistics);
  const double input = 1, weight = 1;
  ForwardArgs<double> args;
  args.inputs = {{&input, {1, 1, 1, 1}}};
  args.weights = &weight;
  double output = 0;
  const int64_t side = 2 * kPadding + 1;
  const absl::Status status = block->Forward(args, {&output, {1, side, side, 1}});
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
}

}  // namespace
}  // namespace ssnas
