#include "ssnas/training/step_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "ssnas/core/exit_code.h"
#include "ssnas/core/shutdown.h"
#include "ssnas/training/bad_step.h"
#include "ssnas/training/state.h"
#include "ssnas/training/testing/test_run.h"

namespace ssnas {
namespace {

using ::testing::ContainsRegex;

using Json = nlohmann::ordered_json;

// A state that depends on every step made and on their order; can be stopped or broken at a step.
class Counter : public Trainee {
 public:
  Checkpoint Snapshot() const override {
    Checkpoint checkpoint;
    PutFloats("state", state_, &checkpoint);
    return checkpoint;
  }
  absl::Status Restore(const Checkpoint& checkpoint) override {
    return TakeFloats(checkpoint, "state", &state_);
  }
  absl::Status StartEpoch(int64_t, int64_t) override { return absl::OkStatus(); }
  absl::StatusOr<Json> Step(int64_t epoch, int64_t step_in_epoch) override {
    const int64_t step = epoch * 4 + step_in_epoch;
    if (step == break_at) return InArea(ErrorArea::kComputation, absl::InternalError("not finite"));
    if (step == stop_at) SetShutdownSignal(SIGTERM);
    if (bad_at.count(step) != 0) return BadStep("the loss is not finite");
    state_[0] = state_[0] * 0.5f + static_cast<float>(step);
    if (step == overflow_at) state_[0] = std::numeric_limits<float>::infinity();
    ++steps_made;
    return Json{{"state", state_[0]}};
  }
  absl::StatusOr<Json> EndEpoch(int64_t epoch) override {
    if (epoch == bad_epoch) return BadStep("the loss of the held-out images is not finite");
    return Json{{"mean", epoch + state_[0]}};
  }
  std::string Facts() const override { return "state"; }
  double SecondsWaited() const override { return 0; }

  int64_t stop_at = -1;
  int64_t overflow_at = -1;
  int64_t break_at = -1;
  std::set<int64_t> bad_at = {};
  int64_t bad_epoch = -1;
  int64_t steps_made = 0;

 private:
  std::vector<float> state_ = {1.0f};
};

const StageInfo kStage{.name = "count", .label = "[1/1] count", .digest = "abc"};
const LoopOptions kOptions{
    .epochs = 3, .steps_per_epoch = 4, .checkpoint_steps = 5, .images_per_step = 1};

std::string UnbrokenMetrics(const std::string& folder) {
  TestRun run(folder, TinySpec());
  Counter counter;
  EXPECT_TRUE(RunLoop(run.context(), kStage, kOptions, counter).ok());
  EXPECT_EQ(counter.steps_made, 12);
  return FileOf(run, "count/metrics.jsonl");
}

TEST(StepLoopTest, AStopAtAnyStepResumesToTheSameBytes) {
  const std::string unbroken = UnbrokenMetrics("unbroken_1");
  ASSERT_EQ(std::count(unbroken.begin(), unbroken.end(), '\n'), 12 + 3);
  for (int64_t stop = 0; stop < 12; ++stop) {
    const std::string name = "stopped_" + std::to_string(stop);
    {
      TestRun run(name, TinySpec());
      Counter counter;
      counter.stop_at = stop;
      const absl::Status status = RunLoop(run.context(), kStage, kOptions, counter);
      // A signal in the very last step finds nothing left to stop.
      EXPECT_EQ(status.ok(), stop == 11) << status;
      if (!status.ok()) EXPECT_EQ(ExitCode(status), 143);
      EXPECT_EQ(counter.steps_made, stop + 1);
      SetShutdownSignal(0);
    }
    TestRun run(name, TinySpec());
    Counter counter;
    ASSERT_TRUE(RunLoop(run.context(), kStage, kOptions, counter).ok());
    EXPECT_EQ(counter.steps_made, 11 - stop);
    EXPECT_EQ(FileOf(run, "count/metrics.jsonl"), unbroken) << "stopped in step " << stop;
  }
}

TEST(StepLoopTest, AStepThatGoesWrongIsNotSaved) {
  const std::string unbroken = UnbrokenMetrics("unbroken_2");
  {
    TestRun run("broken", TinySpec());
    Counter counter;
    counter.break_at = 8;
    const absl::Status status = RunLoop(run.context(), kStage, kOptions, counter);
    EXPECT_EQ(ExitCode(status), 6);
  }
  TestRun run("broken", TinySpec());
  Counter counter;
  ASSERT_TRUE(RunLoop(run.context(), kStage, kOptions, counter).ok());
  EXPECT_EQ(counter.steps_made, 7);  // from the checkpoint of step 5
  EXPECT_EQ(FileOf(run, "count/metrics.jsonl"), unbroken);
}

TEST(StepLoopTest, AResumeSaysFromWhichCheckpoint) {
  {
    TestRun run("resumed", TinySpec());
    Counter counter;
    counter.break_at = 8;
    EXPECT_FALSE(RunLoop(run.context(), kStage, kOptions, counter).ok());
  }
  TestRun run("resumed", TinySpec());
  RunContext context = run.context();
  char* printed = nullptr;
  size_t size = 0;
  context.progress.out = open_memstream(&printed, &size);
  Counter counter;
  EXPECT_TRUE(RunLoop(context, kStage, kOptions, counter).ok());
  std::fclose(context.progress.out);
  EXPECT_THAT(std::string(printed, size),
              ContainsRegex("resuming count at step 5 .checkpoint of "
                            "20[0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9:]{8}, verified"));
  std::free(printed);
}

// Of a run under a policy in which these steps are bad.
struct Policy {
  std::string name;
  std::set<int64_t> bad_at;
};

ExperimentSpec SpecOf(const Policy& policy) {
  return TinySpec({"runtime.on_bad_step=" + policy.name, "runtime.max_bad_steps=2"});
}

absl::Status RunBad(const std::string& folder, const Policy& policy, int64_t stop_at,
                    std::string* metrics) {
  TestRun run(folder, SpecOf(policy));
  Counter counter;
  counter.bad_at = policy.bad_at;
  counter.stop_at = stop_at;
  const absl::Status status = RunLoop(run.context(), kStage, kOptions, counter);
  SetShutdownSignal(0);
  *metrics = FileOf(run, "count/metrics.jsonl");
  return status;
}

// The state after all steps but these.
float StateWithout(const std::set<int64_t>& left_out) {
  float state = 1;
  for (int64_t step = 0; step < 12; ++step) {
    if (left_out.count(step) == 0) state = state * 0.5f + static_cast<float>(step);
  }
  return state;
}

float LastState(const std::string& metrics) {
  float state = -1;
  std::istringstream lines(metrics);
  for (std::string line; std::getline(lines, line);) {
    const Json json = Json::parse(line);
    if (json.contains("state")) state = json["state"].get<float>();
  }
  return state;
}

TEST(BadStepTest, LeavesOutWhatThePolicySays) {
  struct Case {
    Policy policy;
    std::set<int64_t> left_out;
  };
  // Checkpoints are after steps 4 and 9, counted from 0; epochs end with 3, 7, 11.
  const std::vector<Case> cases = {
      {{"SKIP", {7}}, {7}},
      {{"SKIP", {0, 11}}, {0, 11}},
      {{"ROLL_BACK", {7}}, {5, 6, 7}},
      {{"ROLL_BACK", {5}}, {5}},
      {{"ROLL_BACK", {2}}, {0, 1, 2}},
      {{"ROLL_BACK", {8}}, {5, 6, 7, 8}},
      {{"ROLL_BACK", {6, 8}}, {5, 6, 7, 8}},
      {{"ROLL_BACK", {6, 10}}, {5, 6, 10}},
  };
  int number = 0;
  for (const Case& each : cases) {
    const std::string folder = "bad_" + std::to_string(++number);
    SCOPED_TRACE(folder);
    std::string metrics;
    const absl::Status status = RunBad(folder, each.policy, -1, &metrics);
    ASSERT_TRUE(status.ok()) << status;
    EXPECT_EQ(LastState(metrics), StateWithout(each.left_out));
    EXPECT_THAT(metrics, ContainsRegex("bad_step.*the loss is not finite"));
    std::string stopped;
    // The same when it is stopped in every step.
    for (int64_t stop = 0; stop < 11; ++stop) {
      EXPECT_EQ(ExitCode(RunBad(folder + "_stopped", each.policy, stop, &stopped)), 143);
    }
    ASSERT_TRUE(RunBad(folder + "_stopped", each.policy, -1, &stopped).ok());
    EXPECT_EQ(stopped, metrics);
  }
}

TEST(BadStepTest, StopsAsThePolicySaysAndGoesOnUnderAnother) {
  // 2: before the first checkpoint; 7: after it.
  for (const int64_t bad : {2, 7}) {
    for (const std::string other : {"SKIP", "ROLL_BACK"}) {
      const std::string folder = "bad_stop_" + std::to_string(bad) + other;
      SCOPED_TRACE(folder);
      std::string metrics, all_along;
      const absl::Status status = RunBad(folder, {"STOP", {bad}}, -1, &metrics);
      EXPECT_EQ(ExitCode(status), 6);
      EXPECT_THAT(std::string(status.message()),
                  ContainsRegex("^count: step " + std::to_string(bad + 1) +
                                ": the loss is not finite. .*runtime.on_bad_step"));
      ASSERT_TRUE(RunBad(folder, {other, {bad}}, -1, &metrics).ok());
      ASSERT_TRUE(RunBad(folder + "_all_along", {other, {bad}}, -1, &all_along).ok());
      EXPECT_EQ(metrics, all_along);
    }
  }
}

TEST(BadStepTest, StopsPastTheBound) {
  for (const std::string name : {"SKIP", "ROLL_BACK"}) {
    std::string metrics;
    for (int again = 0; again < 2; ++again) {
      const absl::Status status = RunBad("bad_often_" + name, {name, {1, 6, 8}}, -1, &metrics);
      EXPECT_EQ(ExitCode(status), 6);
      EXPECT_THAT(std::string(status.message()),
                  ContainsRegex("step 9: .* bad step 3, and runtime.max_bad_steps is 2"));
    }
  }
}

TEST(BadStepTest, AnEpochThatEndsBadlyStopsUnderAnyPolicy) {
  for (const std::string policy : {"STOP", "SKIP", "ROLL_BACK"}) {
    TestRun run("bad_epoch_" + policy, TinySpec({"runtime.on_bad_step=" + policy}));
    Counter counter;
    counter.bad_epoch = 2;
    LoopOptions options = kOptions;
    options.checkpoint_steps = 4;
    const absl::Status status = RunLoop(run.context(), kStage, options, counter);
    EXPECT_EQ(ExitCode(status), 6);
    EXPECT_THAT(std::string(status.message()),
                ContainsRegex("^count: step 12: the loss of the held-out images is not finite. "
                              "Nothing of it was saved"));
    Counter again;
    ASSERT_TRUE(RunLoop(run.context(), kStage, options, again).ok());
    EXPECT_EQ(again.steps_made, 4);  // from the checkpoint of step 8
  }
}

TEST(BadStepTest, AStateThatIsNotFiniteIsNeverSaved) {
  TestRun run("not_finite", TinySpec({"runtime.on_bad_step=SKIP"}));
  Counter counter;
  counter.overflow_at = 6;
  const absl::Status status = RunLoop(run.context(), kStage, kOptions, counter);
  EXPECT_EQ(ExitCode(status), 6);
  EXPECT_THAT(std::string(status.message()), ContainsRegex("step 10: state is not finite"));
  Counter again;
  ASSERT_TRUE(RunLoop(run.context(), kStage, kOptions, again).ok());
  EXPECT_EQ(again.steps_made, 7);  // from the checkpoint of step 5
}

TEST(CheckHalvesFillTest, SaysHowManyImagesAreNeeded) {
  EXPECT_TRUE(CheckHalvesFill(64, 32).ok());
  EXPECT_EQ(ExitCode(CheckHalvesFill(63, 32)), 2);
  EXPECT_EQ(
      std::string(CheckHalvesFill(63, 32).message()),
      "search needs at least 64 images and has 63: they are halved, and each half must fill a "
      "batch of 32. Use more images, or set search.batch to 31 or less.");
}

TEST(StepsPerEpochTest, SaysWhatWouldFit) {
  EXPECT_EQ(*StepsPerEpoch(100, 30, 0, "search"), 3);
  EXPECT_EQ(*StepsPerEpoch(100, 30, 2, "search"), 2);
  EXPECT_EQ(ExitCode(StepsPerEpoch(100, 30, 4, "search").status()), 2);
  EXPECT_EQ(
      std::string(StepsPerEpoch(20, 30, 0, "search").status().message()),
      "search.batch is 30, but there are only 20 images to draw it from. Set search.batch to 20 or "
      "less, or use more images.");
}

}  // namespace
}  // namespace ssnas
