// A bad step is undone to the bit, and a roll back takes up its checkpoint to the bit: weights,
// moments, alphas, running statistics, sums and counters of both kinds of trainee.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/datasets/augmentations/augmentation.h"
#include "ssnas/datasets/augmentations/flip/flip.pb.h"
#include "ssnas/networks/genotype.h"
#include "ssnas/training/bad_step.h"
#include "ssnas/training/network_stage.h"
#include "ssnas/training/search_stage.h"
#include "ssnas/training/testing/test_run.h"

namespace ssnas {
namespace {

using Json = nlohmann::ordered_json;

// What is done to the views of the next batch. kAlike is found only after the pass has moved the
// running statistics, kNotFinite before.
enum class Harm { kNone, kNotFinite, kAlike };
Harm harm = Harm::kNone;  // read by the test's own thread: loader_threads is 0

class Harmful : public Augmentation {
 public:
  void Apply(Philox&, FloatImage& image) const override {
    if (harm == Harm::kNotFinite) image.pixels[0] = std::numeric_limits<float>::quiet_NaN();
    if (harm == Harm::kAlike) std::fill(image.pixels.begin(), image.pixels.end(), 0.5f);
  }
};

absl::StatusOr<std::unique_ptr<Augmentation>> MakeHarmful(const FlipConfig&) {
  return std::make_unique<Harmful>();
}

SSNAS_REGISTER(Augmentation, FlipConfig, MakeHarmful, "harmful", "", "harm when asked for");

ExperimentSpec Spec(const std::string& stage, const std::string& policy) {
  const std::string order = stage == "second_order" ? "SECOND" : "FIRST";
  return TinySpec({"augmentation[2].name=harmful", "runtime.loader_threads=0",
                   "runtime.on_bad_step=" + policy, "pretrain.network.drop_path=0.3",
                   "search.order=" + order});
}

Architecture Cell() {
  const std::string cell =
      R"({ edge { from: 0 to: 2 operation { name: "sep_conv_3x3" } }
           edge { from: 1 to: 2 operation { name: "skip_connect" } } concat: 2 })";
  const auto parsed =
      ParseArchitecture(absl::StrCat("normal ", cell, " reduction ", cell), "a cell of one node");
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return parsed.value_or(Architecture());
}

TimedTrainee MakeTrainee(const std::string& stage, const TestRun& run) {
  auto made = stage == "pretrain" ? MakePretrainTrainee(run.context(), Cell())
                                  : MakeSearchTrainee(run.context(), 3);
  EXPECT_TRUE(made.ok()) << made.status();
  return *std::move(made);
}

// Every bit of a trainee's state.
std::string State(const Trainee& trainee) {
  std::string state;
  const Checkpoint checkpoint = trainee.Snapshot();
  for (const auto& [name, file] : checkpoint.shards) {
    absl::StrAppend(&state, name, "\n", SerializeSafetensors(file));
  }
  return state;
}

using StageAndHarm = std::tuple<const char*, Harm>;

class UndoTest : public testing::TestWithParam<StageAndHarm> {};

TEST_P(UndoTest, ABadStepIsAsIfItsBatchHadNotBeen) {
  const auto& [stage, kind] = GetParam();
  const TestRun run(absl::StrCat("undo_", stage, static_cast<int>(kind)), Spec(stage, "SKIP"));
  const auto harmed = MakeTrainee(stage, run).trainee;
  ASSERT_TRUE(harmed->StartEpoch(0, 0).ok());
  ASSERT_TRUE(harmed->Step(0, 0).ok());
  const std::string before = State(*harmed);
  harm = kind;
  const absl::Status bad = harmed->Step(0, 1).status();
  harm = Harm::kNone;
  EXPECT_TRUE(IsBadStep(bad)) << bad;
  EXPECT_EQ(State(*harmed) == before, true);
  const auto after = harmed->Step(0, 2);
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_EQ(State(*harmed) == before, false);

  const auto spared = MakeTrainee(stage, run).trainee;
  ASSERT_TRUE(spared->StartEpoch(0, 0).ok());
  ASSERT_TRUE(spared->Step(0, 0).ok());
  ASSERT_TRUE(spared->StartEpoch(0, 2).ok());
  const auto wanted = spared->Step(0, 2);
  ASSERT_TRUE(wanted.ok()) << wanted.status();
  EXPECT_EQ(after->dump(), wanted->dump());
  EXPECT_EQ(State(*harmed) == State(*spared), true);
  EXPECT_EQ(harmed->EndEpoch(0)->dump(), spared->EndEpoch(0)->dump());
}

INSTANTIATE_TEST_SUITE_P(Stages, UndoTest,
                         testing::Combine(testing::Values("search", "second_order", "pretrain"),
                                          testing::Values(Harm::kNotFinite, Harm::kAlike)),
                         [](const auto& instance) {
                           const bool alike = std::get<1>(instance.param) == Harm::kAlike;
                           return absl::StrCat(std::get<0>(instance.param),
                                               alike ? "_alike" : "_nan");
                         });

// Another trainee, whose batch of one step, counted over the epochs from 0, is harmed.
class HarmedAt : public Trainee {
 public:
  HarmedAt(TimedTrainee made, int64_t bad_step)
      : steps_per_epoch_(made.steps_per_epoch),
        inner_(std::move(made.trainee)),
        bad_step_(bad_step) {}

  Checkpoint Snapshot() const override { return inner_->Snapshot(); }
  absl::Status Restore(const Checkpoint& checkpoint) override {
    return inner_->Restore(checkpoint);
  }
  absl::Status StartEpoch(int64_t epoch, int64_t first_step) override {
    return inner_->StartEpoch(epoch, first_step);
  }
  absl::StatusOr<Json> Step(int64_t epoch, int64_t step_in_epoch) override {
    harm = epoch * steps_per_epoch_ + step_in_epoch == bad_step_ ? Harm::kNotFinite : Harm::kNone;
    auto result = inner_->Step(epoch, step_in_epoch);
    harm = Harm::kNone;
    return result;
  }
  absl::StatusOr<Json> EndEpoch(int64_t epoch) override { return inner_->EndEpoch(epoch); }
  std::string Facts() const override { return inner_->Facts(); }
  double SecondsWaited() const override { return inner_->SecondsWaited(); }

 private:
  const int64_t steps_per_epoch_;
  const std::unique_ptr<Trainee> inner_;
  const int64_t bad_step_;
};

constexpr int64_t kEpochs = 2, kCheckpointSteps = 3;

// The state after all steps but these, without a loop.
std::string StateWithout(const std::set<int64_t>& left_out, TimedTrainee made) {
  Trainee& trainee = *made.trainee;
  bool start = true;
  for (int64_t step = 0; step < kEpochs * made.steps_per_epoch; ++step) {
    const int64_t epoch = step / made.steps_per_epoch, in_epoch = step % made.steps_per_epoch;
    if (left_out.count(step) > 0) {
      start = true;
    } else {
      if (start || in_epoch == 0) {
        EXPECT_TRUE(trainee.StartEpoch(epoch, in_epoch).ok());
      }
      EXPECT_TRUE(trainee.Step(epoch, in_epoch).ok());
      start = false;
    }
    if (in_epoch + 1 == made.steps_per_epoch) {
      EXPECT_TRUE(trainee.EndEpoch(epoch).ok());
    }
  }
  return State(trainee);
}

// How a loop under the policy ends in the folder, and its trainee's state then.
std::pair<absl::Status, std::string> RunUnder(const std::string& policy, const std::string& folder,
                                              const std::string& stage, int64_t bad_step) {
  const TestRun run(folder, Spec(stage, policy));
  TimedTrainee made = MakeTrainee(stage, run);
  const LoopOptions options{.epochs = kEpochs,
                            .steps_per_epoch = made.steps_per_epoch,
                            .checkpoint_steps = kCheckpointSteps};
  HarmedAt trainee(std::move(made), bad_step);
  const absl::Status status =
      RunLoop(run.context(), {.name = "stage", .label = "stage", .digest = "d"}, options, trainee);
  return {status, State(trainee)};
}

class RollBackTest : public testing::TestWithParam<const char*> {};

TEST_P(RollBackTest, TakesUpTheCheckpointToTheBit) {
  const std::string stage = GetParam();
  // Back to the stage's beginning; to the checkpoint after step 2, in the same epoch or across one.
  const std::vector<std::set<int64_t>> left_out = {{0, 1}, {3}, {3, 4}};
  for (const std::set<int64_t>& steps : left_out) {
    const int64_t bad_step = *steps.rbegin();
    const std::string folder = absl::StrCat("roll_back_", stage, "_", bad_step);
    SCOPED_TRACE(folder);
    const std::string wanted = [&] {
      const TestRun run(folder + "_plain", Spec(stage, "STOP"));
      return StateWithout(steps, MakeTrainee(stage, run));
    }();
    const auto [status, state] = RunUnder("ROLL_BACK", folder, stage, bad_step);
    ASSERT_TRUE(status.ok()) << status;
    EXPECT_EQ(state == wanted, true);

    // A run that stopped there goes on under ROLL_BACK to the same bits.
    const auto stopped = RunUnder("STOP", folder + "_stopped", stage, bad_step);
    EXPECT_EQ(ExitCode(stopped.first), 6) << stopped.first;
    const auto resumed = RunUnder("ROLL_BACK", folder + "_stopped", stage, bad_step);
    ASSERT_TRUE(resumed.first.ok()) << resumed.first;
    EXPECT_EQ(resumed.second == wanted, true);
  }
}

INSTANTIATE_TEST_SUITE_P(Stages, RollBackTest,
                         testing::Values("search", "second_order", "pretrain"),
                         [](const auto& instance) { return std::string(instance.param); });

}  // namespace
}  // namespace ssnas
