#include "ssnas/training/optimizer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "ssnas/core/testing/compare.h"

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
  EXPECT_NEAR(LearningRate(spec, 26, 0, 10, 50), 0.013,
              kPrinted);  // half of the 48 epochs that are left
}

TEST(LearningRateTest, EndsAtItsFinalRate) {
  SgdSpec spec = Darts();
  spec.set_schedule(SgdSpec::STEP);
  EXPECT_NEAR(LearningRate(spec, 12, 3, 10, 50), 0.021591237796261976, kPrinted);
  // One step of 500 before the end: (π / 500)² / 4 of the range.
  EXPECT_NEAR(LearningRate(spec, 49, 9, 10, 50), 0.001 + 0.024 * 9.87e-6, kPrinted);
  EXPECT_EQ(LearningRate(spec, 50, 0, 10, 50), 0.001);
  spec.set_warmup_epochs(60);  // longer than the run: it only rises
  EXPECT_NEAR(LearningRate(spec, 49, 9, 10, 50), 0.025 * 500 / 600, kPrinted);
}

TEST(GradientNormTest, CountsEveryBlockOnceAndDoesNotOverflow) {
  EXPECT_EQ(GradientNorm({}), 0);
  EXPECT_EQ(GradientNorm(std::vector<float>(10000, 1.0f)), 100);  // two blocks and a part
  EXPECT_EQ(GradientNorm(std::vector<float>(4, 1e30f)), 2 * double{1e30f});
  std::vector<float> last(8193, 0.0f);
  last.back() = -3;
  EXPECT_EQ(GradientNorm(last), 3);
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
  EXPECT_EQ(velocity[0], 1.25f);  // 1 + 0.25 · 1
  EXPECT_EQ(weights[0], 0.375f);  // 1 − 0.5 · 1.25
  SgdStep(0.5, 0.5, 0.25, std::vector<float>{-1}, absl::MakeSpan(velocity),
          absl::MakeSpan(weights));
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
  AdamStep(spec, 1, std::vector<float>{2}, absl::MakeSpan(m), absl::MakeSpan(v),
           absl::MakeSpan(values));
  EXPECT_FLOAT_EQ(values[0], 0.9f);
  AdamStep(spec, 2, std::vector<float>{-1}, absl::MakeSpan(m), absl::MakeSpan(v),
           absl::MakeSpan(values));
  EXPECT_FLOAT_EQ(m[0], 0.0f);  // 0.5 · 1 − 0.5 · 1
  EXPECT_FLOAT_EQ(v[0], 1.0f);  // 0.75 · 1 + 0.25 · 1
  EXPECT_FLOAT_EQ(values[0], 0.9f);
}

// A step rounds each of a few operations on numbers below 3 to float32.
const double kSteps = ErrorBound(20, 3, kFloatEpsilon);

// By Python, in double.
TEST(SgdStepTest, ThreeStepsOfTheSearch) {
  std::vector<float> w = {0.3f}, v = {0};
  const float gradients[] = {2, -1, 0.5f};
  const double rates[] = {0.025, 0.0249763, 0.02},
               expected[] = {0.24999775, 0.230012813714059, 0.2056086256493267};
  for (int i = 0; i < 3; ++i) {
    SgdStep(rates[i], 0.9, 3e-4, {&gradients[i], 1}, absl::MakeSpan(v), absl::MakeSpan(w));
    EXPECT_NEAR(w[0], expected[i], kSteps) << i;
  }
  EXPECT_NEAR(v[0], 1.2202094032366144, kSteps);
}

TEST(AdamStepTest, ThreeStepsOfTheAlphas) {
  std::vector<float> a = {0.001f}, m = {0}, v = {0};
  const float gradients[] = {0.02f, -0.01f, 0.03f};
  const double expected[] = {0.0007000001499924253, 0.0006999849691832965, 0.0004619550558391056};
  // Moments keep 24 bits each; the step is 3e-4 of their quotient.
  const double rounding = ErrorBound(20, 3e-4, kFloatEpsilon) + ErrorBound(3, 0.001, kFloatEpsilon);
  for (int i = 0; i < 3; ++i) {
    AdamStep(AdamSpec(), i + 1, {&gradients[i], 1}, absl::MakeSpan(m), absl::MakeSpan(v),
             absl::MakeSpan(a));
    EXPECT_NEAR(a[0], expected[i], rounding) << i;
  }
  EXPECT_NEAR(m[0], 0.015000649992522088, ErrorBound(10, 0.02, kFloatEpsilon));
  EXPECT_NEAR(v[0], 1.3991683351126443e-06, ErrorBound(10, 2e-6, kFloatEpsilon));
}

}  // namespace
}  // namespace ssnas
