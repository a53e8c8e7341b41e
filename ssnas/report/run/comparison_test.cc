#include "ssnas/report/run/comparison.h"

#include <optional>

#include "gtest/gtest.h"

namespace ssnas::report {
namespace {

NetworkResult Network(const char* role, double accuracy, double images = 10000) {
  return {.name = role, .role = role, .probe_accuracy = accuracy, .test_images = images};
}

TEST(CompareTest, ADifferenceCountsWhenItsIntervalLeavesOutZero) {
  // The standard error of a difference near 84 % of 10,000 is 0.52 points: 1.96 of them are 1.02.
  const auto verdict = [](double a, double b) {
    return Compare(Network("found", a), Network("random", b), Measure::kProbe)->verdict;
  };
  EXPECT_EQ(verdict(0.840, 0.829), Verdict::kBetter);
  EXPECT_EQ(verdict(0.840, 0.831), Verdict::kUndecided);
  EXPECT_EQ(verdict(0.829, 0.840), Verdict::kWorse);
  EXPECT_EQ(verdict(0.840, 0.840), Verdict::kUndecided);
}

TEST(CompareTest, FewImagesDecideLess) {
  const auto contrast =
      Compare(Network("found", 0.84, 128), Network("random", 0.80, 128), Measure::kProbe);
  EXPECT_EQ(contrast->verdict, Verdict::kUndecided);
}

TEST(CompareTest, EmptyWithoutMeasureOrImages) {
  NetworkResult unknown = Network("found", 0.84);
  unknown.test_images.reset();
  EXPECT_FALSE(Compare(unknown, Network("random", 0.8), Measure::kProbe).has_value());
  EXPECT_FALSE(Compare(Network("found", 0.84), Network("random", 0.8), Measure::kTest).has_value());
}

TEST(MainMeasureTest, TrainingWithLabelsComesFirst) {
  RunData run;
  EXPECT_EQ(MainMeasure(run), Measure::kNone);
  run.summary = Summary{.networks = {Network("random", 0.8)}};
  EXPECT_EQ(MainMeasure(run), Measure::kNone);
  run.summary->networks.push_back(Network("found", 0.8));
  EXPECT_EQ(MainMeasure(run), Measure::kProbe);
  run.summary->networks[1].test_error = 0.03;
  EXPECT_EQ(MainMeasure(run), Measure::kTest);
  EXPECT_DOUBLE_EQ(*AccuracyOf(run.summary->networks[1], Measure::kTest), 0.97);
}

}  // namespace
}  // namespace ssnas::report
