#include "ssnas/training/optimizer.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace ssnas {
namespace {

// Published schedules have seven digits.
constexpr double kPrinted = 5e-8;

SgdSpec Darts() {
  SgdSpec spec;
  spec.set_learning_rate(0.025);
  spec.set_final_learning_rate(0.001);
  return spec;
}

TEST(LearningRateTest, DartsCosineByEpoch) {
  const SgdSpec spec = Darts();
  EXPECT_NEAR(LearningRate(spec, 0, 0, 10, 50), 0.025, kPrinted);
  EXPECT_NEAR(LearningRate(spec, 1, 0, 10, 50), 0.0249763, kPrinted);
  EXPECT_NEAR(LearningRate(spec, 25, 9, 10, 50), 0.013, kPrinted);
  EXPECT_NEAR(LearningRate(spec, 49, 9, 10, 50), 0.0010237, kPrinted);
}

TEST(LearningRateTest, ByStepItMovesWithinAnEpochAndWarmsUp) {
  SgdSpec spec = Darts();
  spec.set_schedule(SgdSpec::STEP);
  EXPECT_LT(LearningRate(spec, 0, 5, 10, 50), LearningRate(spec, 0, 4, 10, 50));
  spec.set_warmup_epochs(2);
  EXPECT_NEAR(LearningRate(spec, 0, 0, 10, 50), 0.025 / 20, kPrinted);
  EXPECT_NEAR(LearningRate(spec, 1, 9, 10, 50), 0.025, kPrinted);
  EXPECT_NEAR(LearningRate(spec, 2, 0, 10, 50), 0.025, kPrinted);
  EXPECT_NEAR(LearningRate(spec, 26, 0, 10, 50), 0.013, kPrinted);  // half of the 48 epochs that are left
}

TEST(ClipGradientTest, ScalesDownOnly) {
  std::vector<float> gradient = {3, 4};
  EXPECT_EQ(ClipGradient(10, absl::MakeSpan(gradient)), 5);
  EXPECT_EQ(gradient, (std::vector<float>{3, 4}));
  EXPECT_EQ(ClipGradient(0, absl::MakeSpan(gradient)), 5);
  EXPECT_EQ(ClipGradient(1, absl::MakeSpan(gradient)), 5);
  EXPECT_FLOAT_EQ(gradient[0], static_cast<float>(3 / (5 + 1e-6)));
  EXPECT_TRUE(std::isnan(ClipGradient(1, absl::MakeSpan(gradient = {NAN, 1}))));
}

TEST(SgdStepTest, TwoStepsByHand) {
  std::vector<float> weights = {1}, velocity = {0};
  SgdStep(0.5, 0.5, 0.25, std::vector<float>{1}, absl::MakeSpan(velocity), absl::MakeSpan(weights));
  EXPECT_EQ(velocity[0], 1.25f);   // 1 + 0.25 · 1
  EXPECT_EQ(weights[0], 0.375f);   // 1 − 0.5 · 1.25
  SgdStep(0.5, 0.5, 0.25, std::vector<float>{-1}, absl::MakeSpan(velocity), absl::MakeSpan(weights));
  EXPECT_EQ(velocity[0], -0.28125f);  // 0.5 · 1.25 − 1 + 0.25 · 0.375
  EXPECT_EQ(weights[0], 0.515625f);
}

TEST(AdamStepTest, TheFirstStepIsTheLearningRateAndTheSecondIsByHand) {
  AdamSpec spec;
  spec.set_learning_rate(0.1);
  spec.set_weight_decay(0);
  spec.set_beta1(0.5);
  spec.set_beta2(0.75);
  std::vector<float> m = {0}, v = {0}, values = {1};
  AdamStep(spec, 1, std::vector<float>{2}, absl::MakeSpan(m), absl::MakeSpan(v), absl::MakeSpan(values));
  EXPECT_FLOAT_EQ(values[0], 0.9f);
  AdamStep(spec, 2, std::vector<float>{-1}, absl::MakeSpan(m), absl::MakeSpan(v), absl::MakeSpan(values));
  EXPECT_FLOAT_EQ(m[0], 0.0f);  // 0.5 · 1 − 0.5 · 1
  EXPECT_FLOAT_EQ(v[0], 1.0f);  // 0.75 · 1 + 0.25 · 1
  EXPECT_FLOAT_EQ(values[0], 0.9f);
}

}  // namespace
}  // namespace ssnas
