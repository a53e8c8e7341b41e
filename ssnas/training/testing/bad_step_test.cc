// Bad steps from the data and the network to the checkpoint: found in the step, nothing applied.
#include "ssnas/training/bad_step.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/philox.h"
#include "ssnas/datasets/augmentations/augmentation.h"
#include "ssnas/datasets/augmentations/flip/flip.pb.h"
#include "ssnas/engine/fused/fused_engine.h"
#include "ssnas/engine/reference/reference_engine.h"
#include "ssnas/networks/darts_space.h"
#include "ssnas/networks/network_plan.h"
#include "ssnas/training/model.h"
#include "ssnas/training/search_stage.h"
#include "ssnas/training/search_step.h"
#include "ssnas/training/stage_graph.h"
#include "ssnas/training/summary.h"
#include "ssnas/training/testing/test_run.h"

namespace ssnas {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;

constexpr Shape4 kImages = {8, 8, 8, 3};
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

std::vector<float> Normal(uint64_t key) {
  Philox random({.seed = key, .purpose = Purpose::kTest});
  std::vector<float> values(kImages.count());
  for (float& value : values) value = static_cast<float>(random.Normal());
  return values;
}

const std::vector<int32_t> kLabels = {0, 1, 2, 3, 0, 1, 2, 3};

// A search of 2 cells and 4 channels after one good step; by engine and objective.
class SearchStepTest : public testing::TestWithParam<std::tuple<bool, const char*>> {
 protected:
  SearchStepTest()
      : engine_(std::get<0>(GetParam()) ? MakeFusedEngine({}) : MakeReferenceEngine<float>()),
        objective_(std::get<1>(GetParam())) {
    NetworkPlan plan = *PlanSupernet(DartsSpace(), 2, 4, kImages.c);
    const int64_t alphas = 2 * plan.mixture_rows * plan.mixture_columns;
    PluginSpec objective;
    objective.set_name(objective_);
    model_ = *Model::Create(std::move(plan), *engine_, objective, 10, 1, SerialFor);
    state_.alphas.assign(alphas, 0.0f);
    state_.adam_m.resize(alphas);
    state_.adam_v.resize(alphas);
    state_.velocity.resize(model_->weights().size());
    const auto good = Step(Normal(1), Normal(2));
    EXPECT_TRUE(good.ok()) << good.status();
    // Far from what counts as collapsed, before anything was learnt.
    EXPECT_GT(good.ok() ? good->weight.spread.value_or(1) : 0, 1000 * kSmallestSpread);
  }

  absl::StatusOr<SearchStepResult> Step(const std::vector<float>& alpha,
                                        const std::vector<float>& weight,
                                        const SearchSpec& spec = SearchSpec()) {
    const absl::Span<const int32_t> labels = model_->objective().UsesLabels()
                                                 ? absl::MakeConstSpan(kLabels)
                                                 : absl::Span<const int32_t>();
    return SearchStep(spec, 0.025, {.images = {alpha.data(), kImages}, .labels = labels},
                      {.images = {weight.data(), kImages}, .labels = labels}, *model_, state_);
  }

  // These images must be found bad, and change nothing: the next step is that of a run without.
  void ExpectBad(const std::vector<float>& alpha, const std::vector<float>& weight,
                 const std::string& reason, const SearchSpec& spec = SearchSpec()) {
    const SearchState before = state_;
    const std::vector<float> weights = model_->weights();
    const absl::Status status = Step(alpha, weight, spec).status();
    EXPECT_TRUE(IsBadStep(status)) << status;
    EXPECT_EQ(ExitCode(status), 6);
    EXPECT_THAT(std::string(status.message()), HasSubstr(reason));
    EXPECT_EQ(state_.alphas, before.alphas);
    EXPECT_EQ(state_.adam_m, before.adam_m);
    EXPECT_EQ(state_.adam_v, before.adam_v);
    EXPECT_EQ(state_.velocity, before.velocity);
    EXPECT_EQ(state_.step, before.step);
    EXPECT_EQ(model_->weights(), weights);
  }

  const std::unique_ptr<Engine<float>> engine_;
  const std::string objective_;
  std::unique_ptr<Model> model_;
  SearchState state_;
};

TEST_P(SearchStepTest, AnImageThatIsNotFiniteInEitherHalf) {
  for (const float bad : {kNan, std::numeric_limits<float>::infinity()}) {
    std::vector<float> images = Normal(3);
    images[70] = bad;
    ExpectBad(images, Normal(4), "not finite");
    ExpectBad(Normal(4), images, "not finite");
  }
}

TEST_P(SearchStepTest, AWeightThatIsNotFinite) {
  const float good = std::exchange(model_->weights()[5], HUGE_VALF);
  const absl::Status status = Step(Normal(3), Normal(4)).status();
  EXPECT_TRUE(IsBadStep(status)) << status;
  model_->weights()[5] = good;
  EXPECT_TRUE(Step(Normal(3), Normal(4)).ok());
}

TEST_P(SearchStepTest, AnAlphaThatIsNotFinite) {
  for (const float bad : {kNan, HUGE_VALF}) {
    const float good = std::exchange(state_.alphas[3], bad);
    const std::vector<float> weights = model_->weights();
    const absl::Status status = Step(Normal(3), Normal(4)).status();
    EXPECT_TRUE(IsBadStep(status)) << status;
    EXPECT_EQ(model_->weights(), weights);
    state_.alphas[3] = good;
    EXPECT_TRUE(Step(Normal(3), Normal(4)).ok());
  }
}

// The gradient is finite; what Adam makes of it is not.
TEST_P(SearchStepTest, AnAlphaThatItsStepMakesNotFinite) {
  SearchSpec spec;
  spec.mutable_alphas()->set_learning_rate(1e300);
  ExpectBad(Normal(3), Normal(4), "the alphas hold a value that is not finite", spec);
  EXPECT_TRUE(Step(Normal(3), Normal(4)).ok());
}

TEST_P(SearchStepTest, ImagesThatAllLookAlike) {
  if (objective_ != "nt_xent") GTEST_SKIP() << "compares no images";
  const std::vector<float> one = Normal(5);
  std::vector<float> alike;
  for (int64_t i = 0; i < kImages.n; ++i) {
    alike.insert(alike.end(), one.begin(), one.begin() + kImages.count() / kImages.n);
  }
  ExpectBad(alike, Normal(4), "the representation has collapsed");
  ExpectBad(Normal(4), alike, "the representation has collapsed");
}

INSTANTIATE_TEST_SUITE_P(Engines, SearchStepTest,
                         testing::Combine(testing::Bool(),
                                          testing::Values("nt_xent", "cross_entropy")),
                         [](const auto& instance) {
                           return std::string(std::get<0>(instance.param) ? "fused_"
                                                                          : "reference_") +
                                  std::get<1>(instance.param);
                         });

TEST(BadStepChecks, ALossAnAlphaAGradient) {
  EXPECT_TRUE(CheckLoss({.loss = 3}).ok());
  EXPECT_TRUE(IsBadStep(CheckLoss({.loss = kNan})));
  EXPECT_TRUE(CheckSpread({.loss = 3}).ok()) << "an objective that knows of none";
  EXPECT_TRUE(CheckSpread({.spread = 2e-5}).ok());
  EXPECT_TRUE(IsBadStep(CheckSpread({.spread = 0.5e-5})));
  EXPECT_TRUE(IsBadStep(CheckSpread({.spread = -1e-17}))) << "rounded";
  EXPECT_TRUE(CheckGradientNorm(9e17, "weights").ok());
  EXPECT_EQ(CheckGradientNorm(1e18, "weights").message(),
            "the gradient of the weights is too large");
  EXPECT_EQ(CheckGradientNorm(kNan, "alphas").message(),
            "the gradient of the alphas is not finite");
  EXPECT_TRUE(IsBadStep(CheckFinite({1.0f, -HUGE_VALF}, "the alphas")));
  EXPECT_TRUE(CheckFinite({1.0f, 3e38f}, "the alphas").ok());
  EXPECT_FALSE(IsBadStep(InArea(ErrorArea::kComputation, absl::InternalError("engine check"))));
}

// Now and then a pixel that is not finite.
class Poison : public Augmentation {
 public:
  explicit Poison(double probability) : probability_(probability) {}
  void Apply(Philox& random, FloatImage& image) const override {
    if (random.Bernoulli(probability_)) image.pixels[0] = kNan;
  }

 private:
  const double probability_;
};

absl::StatusOr<std::unique_ptr<Augmentation>> MakePoison(const FlipConfig& config) {
  return std::make_unique<Poison>(config.probability());
}

SSNAS_REGISTER(Augmentation, FlipConfig, MakePoison, "poison", "", "pixels that are not finite");

constexpr char kMetrics[] = "search/metrics.jsonl", kFinal[] = "search/final.safetensors";

const StageInfo kStage{.name = "search", .label = "search", .digest = "d"};

absl::Status Search(const TestRun& run) {
  return RunSearchStage(run.context(), kStage, 3).status();
}

// What summary.json, and with it the report, says of the run.
std::string Notes(const TestRun& run) {
  const Stage stage{.kind = StageKind::kSearch,
                    .name = kStage.name,
                    .role = "",
                    .inputs = {},
                    .digest = kStage.digest,
                    .run = {}};
  const auto summary = WriteSummary(run.context(), {stage}, {{kStage.name, {{"loss", 1}}}}, {});
  EXPECT_TRUE(summary.ok()) << summary.status();
  if (!summary.ok()) return "";
  EXPECT_EQ(FileOf(run, "summary.json"), summary->dump(1) + "\n");
  return summary->at("notes").dump();
}

int CountOf(const std::string& text, const std::string& part) {
  int count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

ExperimentSpec Poisoned(const std::string& policy) {
  return TinySpec({"augmentation[2].name=poison", "augmentation[2].config.probability=0.015",
                   "runtime.on_bad_step=" + policy});
}

TEST(BadStepStage, ASearchGoesOnWithoutTheStepsThatWereBad) {
  TestRun skipped("skipped", Poisoned("SKIP"));
  const absl::Status status = Search(skipped);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_THAT(FileOf(skipped, kMetrics), ContainsRegex("\"bad_step\".*not finite.*\"SKIP\""));

  const int bad = CountOf(FileOf(skipped, kMetrics), "\"bad_step\"");
  EXPECT_THAT(Notes(skipped),
              ContainsRegex("^.\"search: " + std::to_string(bad) +
                            " steps? (was|were) bad and left out .SKIP., among them step [0-9]+: "
                            "an image of the batch has a value that is not finite.\".$"));

  TestRun rolled_back("rolled_back", Poisoned("ROLL_BACK"));
  ASSERT_TRUE(Search(rolled_back).ok());
  EXPECT_THAT(FileOf(rolled_back, kMetrics), ContainsRegex("\"bad_step\".*\"ROLL_BACK\""));
  EXPECT_THAT(Notes(rolled_back), HasSubstr(" bad and left out (ROLL_BACK), among them step "));

  // A run that stopped goes on under another policy, to the bits of one that had it all along.
  {
    TestRun stopped("stopped", Poisoned("STOP"));
    EXPECT_EQ(ExitCode(Search(stopped)), 6);
  }
  TestRun resumed("stopped", Poisoned("SKIP"));
  ASSERT_TRUE(Search(resumed).ok());
  EXPECT_EQ(FileOf(resumed, kMetrics), FileOf(skipped, kMetrics));
  EXPECT_EQ(FileOf(resumed, kFinal), FileOf(skipped, kFinal));
  EXPECT_FALSE(FileOf(skipped, kFinal).empty());
}

}  // namespace
}  // namespace ssnas
