#include "ssnas/training/budget/budget.h"

#include <gtest/gtest.h>

#include "ssnas/training/testing/test_run.h"

namespace ssnas {
namespace {

TEST(CountsForTest, WholeEpochsWhereThereIsTimeForFive) {
  const StepCounts counts = CountsFor(/*seconds=*/100, /*seconds_per_step=*/0.25, 60);
  EXPECT_EQ(counts.epochs, 6);  // 400 steps
  EXPECT_EQ(counts.steps_per_epoch, 60);
}

TEST(CountsForTest, FiveShortEpochsWhereThereIsNot) {
  const StepCounts counts = CountsFor(100, 0.25, 1000);
  EXPECT_EQ(counts.epochs, 5);
  EXPECT_EQ(counts.steps_per_epoch, 80);
}

TEST(CountsForTest, AStepAnEpochHoweverLittleTimeThereIs) {
  for (const double seconds : {0.0, -3.0, 1.0}) {
    const StepCounts counts = CountsFor(seconds, 2, 1000);
    EXPECT_EQ(counts.epochs, 5);
    EXPECT_EQ(counts.steps_per_epoch, 1);
  }
}

TEST(CountsForTest, NoMoreEpochsThanASpecMayHave) {
  EXPECT_EQ(CountsFor(1e12, 1e-3, 3).epochs, 100000);
}

TEST(SpendBudgetTest, SetsBothSectionsWithinWhatTheImagesAllow) {
  ExperimentSpec spec = TinySpec();
  TestRun run("budget", spec);
  const absl::Status status = SpendBudget(run.context(), /*minutes=*/0.01, &spec);
  ASSERT_TRUE(status.ok()) << status;
  // Twelve images a half, batches of four; sixteen images, batches of four.
  EXPECT_GE(spec.search().epochs(), 5);
  EXPECT_GE(spec.search().steps_per_epoch(), 1);
  EXPECT_LE(spec.search().steps_per_epoch(), 3);
  EXPECT_GE(spec.pretrain().epochs(), 5);
  EXPECT_GE(spec.pretrain().steps_per_epoch(), 1);
  EXPECT_LE(spec.pretrain().steps_per_epoch(), 4);
  EXPECT_EQ(spec.evaluate().epochs(), TinySpec().evaluate().epochs());
}

TEST(SpendBudgetTest, TooFewImagesSayHowManyAreNeeded) {
  ExperimentSpec spec = TinySpec({"search.images=6"});
  TestRun run("budget_few", spec);
  const absl::Status status = SpendBudget(run.context(), 1, &spec);
  EXPECT_NE(status.message().find("search needs at least 8 images"), std::string::npos) << status;
}

}  // namespace
}  // namespace ssnas
