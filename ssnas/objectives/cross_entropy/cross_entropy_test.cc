#include "ssnas/objectives/cross_entropy/cross_entropy.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "ssnas/core/philox.h"

namespace ssnas {
namespace {

// Sums of a few terms in double.
constexpr double kRounding = 1e-12;

TEST(CrossEntropyLossTest, MatchesTheFormula) {
  const std::vector<double> logits = {1, 2, 3, 0, 0, 0};
  const std::vector<int32_t> labels = {2, 1};
  const double first = std::log(std::exp(1) + std::exp(2) + std::exp(3)) - 3;
  const LossValue value = CrossEntropyLoss<double>(logits.data(), labels, 3, 0, 1, nullptr);
  EXPECT_NEAR(value.loss, (first + std::log(3)) / 2, kRounding);
  EXPECT_EQ(value.accuracy, 1);  // a tie counts as right
  // Smoothed: 0.9 of the label's loss and 0.1 of the mean over classes.
  const double smoothed = std::log(std::exp(1) + std::exp(2) + std::exp(3)) - 0.9 * 3 - 0.1 * 2;
  EXPECT_NEAR(CrossEntropyLoss<double>(logits.data(), {labels.data(), 1}, 3, 0.1, 1, nullptr).loss, smoothed,
              kRounding);
}

TEST(CrossEntropyTest, GradientsMatchCentralDifferences) {
  CrossEntropyConfig config;
  config.set_label_smoothing(0.1);
  const auto objective = *MakeCrossEntropy(config);
  const ObjectiveContext context{.representation_size = 3, .auxiliary_size = 2, .num_classes = 4};
  const std::vector<int32_t> labels = {0, 3, 1};
  Philox random({.seed = 1});
  // h, auxiliary representation, weights of both classifiers.
  std::vector<std::vector<double>> values = {std::vector<double>(9), std::vector<double>(6), std::vector<double>(28)};
  std::vector<std::vector<double>> gradients;
  for (auto& value : values) {
    for (double& v : value) v = random.Normal();
    gradients.emplace_back(value.size(), 0.0);
  }
  ObjectiveArgs<double> args{.rows = 3,
                             .representation = values[0].data(),
                             .auxiliary = values[1].data(),
                             .labels = labels,
                             .weights = values[2].data(),
                             .auxiliary_weight = 0.4};
  ObjectiveArgs<double> with_gradients = args;
  with_gradients.representation_gradients = gradients[0].data();
  with_gradients.auxiliary_gradients = gradients[1].data();
  with_gradients.weight_gradients = gradients[2].data();
  ASSERT_TRUE(objective->Evaluate(context, with_gradients).ok());
  for (size_t v = 0; v < values.size(); ++v) {
    for (size_t i = 0; i < values[v].size(); ++i) {
      constexpr double kStep = 1e-5;
      const double kept = values[v][i];
      values[v][i] = kept + kStep;
      const double above = objective->Evaluate(context, args)->loss;
      values[v][i] = kept - kStep;
      const double below = objective->Evaluate(context, args)->loss;
      values[v][i] = kept;
      // Truncation kStep² and cancellation 1e-16 / kStep, with room for third derivatives.
      EXPECT_NEAR(gradients[v][i], (above - below) / (2 * kStep), 1e-8) << v << "," << i;  // tolerance: above
    }
  }
}

TEST(CrossEntropyTest, RefusesWhatItCannotServe) {
  CrossEntropyConfig config;
  config.set_label_smoothing(1);
  EXPECT_FALSE(MakeCrossEntropy(config).ok());
  const auto objective = *MakeCrossEntropy(CrossEntropyConfig());
  EXPECT_FALSE(objective->Parameters({.representation_size = 4, .num_classes = 0}).ok());
  const std::vector<int32_t> labels = {7};
  const std::vector<float> h = {1, 2}, weights(6, 0.0f);
  ObjectiveArgs<float> args{.rows = 1, .representation = h.data(), .labels = labels, .weights = weights.data()};
  EXPECT_FALSE(objective->Evaluate({.representation_size = 2, .num_classes = 2}, args).ok());
  args.labels = {};
  EXPECT_FALSE(objective->Evaluate({.representation_size = 2, .num_classes = 2}, args).ok());
}

}  // namespace
}  // namespace ssnas
