#include "ssnas/objectives/cross_entropy/cross_entropy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "ssnas/core/testing/compare.h"

namespace ssnas {
namespace {

// A dozen operations on numbers up to 10.
const double kRounding = ErrorBound(12, 10, kDoubleEpsilon);

const std::vector<double> kLogits = {1, 2, 3, 0, 0, 0};
const std::vector<int32_t> kLabels = {2, 1};

TEST(CrossEntropyLossTest, IsTheFormula) {
  const double first = std::log(std::exp(1) + std::exp(2) + std::exp(3)) - 3;
  const LossValue value = CrossEntropyLoss<double>(kLogits.data(), kLabels, 3, 0, 1, nullptr);
  EXPECT_NEAR(value.loss, (first + std::log(3)) / 2, kRounding);
  // Smoothed: 0.9 of the label's loss and 0.1 of the mean over classes.
  const LossValue smoothed =
      CrossEntropyLoss<double>(kLogits.data(), {kLabels.data(), 1}, 3, 0.1, 1, nullptr);
  EXPECT_NEAR(smoothed.loss, first + 3 - 0.9 * 3 - 0.1 * 2, kRounding);
}

TEST(CrossEntropyLossTest, GradientIsSoftmaxMinusTargetOfEachRow) {
  std::vector<double> gradient(6, 1.0);
  CrossEntropyLoss<double>(kLogits.data(), kLabels, 3, 0.3, 10, gradient.data());
  const double total = std::exp(1) + std::exp(2) + std::exp(3);
  // Scaled by 10, a mean over 2 rows, added to 1; targets 0.1, 0.1, 0.8 and 0.1, 0.8, 0.1.
  const std::vector<double> expected = {1 + 5 * (std::exp(1) / total - 0.1),
                                        1 + 5 * (std::exp(2) / total - 0.1),
                                        1 + 5 * (std::exp(3) / total - 0.8),
                                        1 + 5 * (1.0 / 3 - 0.1),
                                        1 + 5 * (1.0 / 3 - 0.8),
                                        1 + 5 * (1.0 / 3 - 0.1)};
  EXPECT_EQ(Compare<double>(gradient, expected, kRounding), absl::OkStatus());
}

TEST(CrossEntropyLossTest, OfEqualLogitsTheFirstIsTheAnswer) {
  const std::vector<float> equal(3, 0.0f);
  for (const int32_t label : {0, 1, 2}) {
    const LossValue value = CrossEntropyLoss<float>(equal.data(), {&label, 1}, 3, 0, 1, nullptr);
    EXPECT_EQ(value.accuracy, label == 0 ? 1 : 0);
  }
}

TEST(CrossEntropyLossTest, LargeLogitsDoNotOverflow) {
  const std::vector<float> logits = {1e30f, -1e30f};
  std::vector<float> gradient(2, 0.0f);
  const int32_t label = 1;
  const LossValue value =
      CrossEntropyLoss<float>(logits.data(), {&label, 1}, 2, 0, 1, gradient.data());
  EXPECT_EQ(value.loss, double{logits[0]} - double{logits[1]});
  EXPECT_EQ(gradient, (std::vector<float>{1, -1}));
}

TEST(CrossEntropyTest, AddsTheAuxiliaryLossTimesItsWeight) {
  const auto objective = MakeCrossEntropy(CrossEntropyConfig());
  ASSERT_TRUE(objective.ok()) << objective.status();
  const ObjectiveContext context{.representation_size = 1, .auxiliary_size = 1, .num_classes = 2};
  // Main classifier: W = (2, 0), b = (0, 1); auxiliary: W = (0, 3), b = (−1, 0).
  const std::vector<double> weights = {2, 0, 0, 1, 0, 3, -1, 0};
  const std::vector<double> h = {1}, auxiliary = {0.5};
  const std::vector<int32_t> label = {0};
  ObjectiveArgs<double> args;
  args.rows = 1;
  args.representation = h.data();
  args.labels = label;
  args.weights = weights.data();
  args.auxiliary_weight = 0.4;
  // Logits (2, 1) and (−1, 1.5).
  const double main = std::log(1 + std::exp(-1)), other = std::log(1 + std::exp(2.5));
  EXPECT_NEAR((*objective)->Evaluate(context, args)->loss, main, kRounding);
  args.auxiliary = auxiliary.data();
  const absl::StatusOr<LossValue> both = (*objective)->Evaluate(context, args);
  EXPECT_NEAR(both->loss, main + 0.4 * other, kRounding);
  EXPECT_EQ(both->accuracy, 1) << "the main classifier's alone";
}

TEST(CrossEntropyTest, ClassifiersAreLinearLayers) {
  const auto objective = MakeCrossEntropy(CrossEntropyConfig());
  ASSERT_TRUE(objective.ok()) << objective.status();
  const auto specs =
      (*objective)
          ->Parameters({.representation_size = 256, .auxiliary_size = 768, .num_classes = 10});
  ASSERT_TRUE(specs.ok()) << specs.status();
  ASSERT_EQ(specs->size(), 4u);
  EXPECT_EQ((*specs)[0].name, "classifier.weight");
  EXPECT_EQ((*specs)[0].shape, (std::vector<int64_t>{10, 256}));
  EXPECT_EQ((*specs)[1].name, "classifier.bias");
  EXPECT_EQ((*specs)[2].name, "auxiliary_classifier.weight");
  EXPECT_EQ((*specs)[2].fan_in, 768);
  EXPECT_EQ((*specs)[3].init, Init::kUniformFanIn);
}

TEST(CrossEntropyTest, SaysWhichObjectiveNeedsNoLabels) {
  const auto objective = MakeCrossEntropy(CrossEntropyConfig());
  ASSERT_TRUE(objective.ok()) << objective.status();
  EXPECT_EQ(
      (*objective)->Parameters({.representation_size = 4, .num_classes = 1}).status(),
      absl::InvalidArgumentError("cross_entropy needs labels of at least 2 classes; this data "
                                 "has 1. nt_xent needs none."));
}

}  // namespace
}  // namespace ssnas
