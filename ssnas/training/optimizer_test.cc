#include "ssnas/training/optimizer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "ssnas/core/philox.h"
#include "ssnas/core/testing/compare.h"
#include "ssnas/core/testing/each_target.h"
#include "ssnas/core/thread_pool.h"

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

TEST(ClipScaleTest, ScalesDownOnly) {
  EXPECT_EQ(ClipScale(10, 5), 1);
  EXPECT_EQ(ClipScale(0, 5), 1);
  EXPECT_EQ(ClipScale(1, 5), 1 / (5 + 1e-6));
  EXPECT_EQ(ClipScale(1, 0), 1);
  EXPECT_TRUE(std::isnan(GradientNorm(std::vector<float>{NAN, 1})));
  EXPECT_TRUE(std::isinf(GradientNorm(std::vector<float>{1, -HUGE_VALF})));
}

constexpr SgdRule kHalves = {.learning_rate = 0.5, .momentum = 0.5, .weight_decay = 0.25};

TEST(SgdStepTest, ThreeStepsByHand) {
  std::vector<float> weights = {1}, velocity = {0};
  const auto step = [&](const SgdRule& rule, float gradient) {
    SgdStep(rule, {&gradient, 1}, absl::MakeSpan(velocity), absl::MakeSpan(weights));
  };
  step(kHalves, 1);
  EXPECT_EQ(velocity[0], 1.25f);  // 1 + 0.25 · 1
  EXPECT_EQ(weights[0], 0.375f);  // 1 − 0.5 · 1.25
  step(kHalves, -1);
  EXPECT_EQ(velocity[0], -0.28125f);  // 0.5 · 1.25 − 1 + 0.25 · 0.375
  EXPECT_EQ(weights[0], 0.515625f);
  SgdRule clipped = kHalves;
  clipped.gradient_scale = 0.25;
  step(clipped, 2);
  EXPECT_EQ(velocity[0], 0.48828125f);  // −0.140625 + 0.25 · 2 + 0.25 · 0.515625
  EXPECT_EQ(weights[0], 0.271484375f);
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
    SgdStep({.learning_rate = rates[i], .momentum = 0.9, .weight_decay = 3e-4}, {&gradients[i], 1},
            absl::MakeSpan(v), absl::MakeSpan(w));
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

// Buffers of a step, and the steps one element after the other: what the vectors must equal.
struct Buffers {
  std::vector<float> gradient, first, second, values;

  explicit Buffers(int64_t count) {
    Philox random({.seed = 3});
    for (int64_t i = 0; i < count; ++i) {
      gradient.push_back(static_cast<float>(random.Normal()));
      first.push_back(static_cast<float>(0.1 * random.Normal()));
      second.push_back(static_cast<float>(0.01 * std::abs(random.Normal())));
      values.push_back(static_cast<float>(random.Normal()));
    }
  }

  void Sgd(const SgdRule& rule, const ParallelFor& parallel_for) {
    SgdStep(rule, gradient, absl::MakeSpan(first), absl::MakeSpan(values), parallel_for);
  }
  void Adam(const AdamSpec& spec, const ParallelFor& parallel_for) {
    AdamStep(spec, 3, gradient, absl::MakeSpan(first), absl::MakeSpan(second),
             absl::MakeSpan(values), parallel_for);
  }
  void ScalarSgd(const SgdRule& rule) {
    const float rate = static_cast<float>(rule.learning_rate);
    const float mu = static_cast<float>(rule.momentum);
    const float decay = static_cast<float>(rule.weight_decay);
    const float scale = static_cast<float>(rule.gradient_scale);
    for (size_t i = 0; i < values.size(); ++i) {
      first[i] = mu * first[i] + (scale * gradient[i] + decay * values[i]);
      values[i] -= rate * first[i];
    }
  }
  void ScalarAdam(const AdamSpec& spec) {
    const double beta1 = spec.beta1(), beta2 = spec.beta2();
    const double correction1 = 1 - std::pow(beta1, 3), correction2 = 1 - std::pow(beta2, 3);
    for (size_t i = 0; i < values.size(); ++i) {
      const double g = gradient[i] + spec.weight_decay() * values[i];
      first[i] = static_cast<float>(beta1 * first[i] + (1 - beta1) * g);
      second[i] = static_cast<float>(beta2 * second[i] + (1 - beta2) * g * g);
      const double denominator = std::sqrt(second[i] / correction2) + spec.epsilon();
      values[i] = static_cast<float>(values[i] -
                                     spec.learning_rate() * (first[i] / correction1) / denominator);
    }
  }
};

// Around vectors of 1 to 16 lanes and blocks of 4,096.
constexpr int64_t kCounts[] = {1, 2, 7, 16, 33, 4095, 4096, 4097, 3 * 4096 + 13};
constexpr SgdRule kSearch = {
    .learning_rate = 0.025, .momentum = 0.9, .weight_decay = 3e-4, .gradient_scale = 0.3};

// Calls body(parallel_for) on each instruction set and with 1 to 8 threads.
template <typename Body>
void EachWay(const Body& body) {
  ForEachTarget([&](const char* name) {
    for (const int threads : {1, 2, 3, 4, 8}) {
      SCOPED_TRACE(testing::Message() << name << ", " << threads << " threads");
      ThreadPool pool(threads);
      body(pool.parallel_for());
    }
  });
}

TEST(SgdStepTest, IsTheScalarStepBitForBitOnAnyCpuAndThreadCount) {
  for (const int64_t count : kCounts) {
    Buffers scalar(count);
    scalar.ScalarSgd(kSearch);
    EachWay([&](const ParallelFor& parallel_for) {
      Buffers vector(count);
      vector.Sgd(kSearch, parallel_for);
      ASSERT_EQ(CompareBits<float>(vector.first, scalar.first), absl::OkStatus()) << count;
      ASSERT_EQ(CompareBits<float>(vector.values, scalar.values), absl::OkStatus()) << count;
    });
  }
}

TEST(AdamStepTest, IsTheScalarStepAndTheSameBitsOnAnyCpuAndThreadCount) {
  for (const int64_t count : kCounts) {
    Buffers scalar(count), first(count);
    scalar.ScalarAdam(AdamSpec());
    first.Adam(AdamSpec(), SerialFor);
    ASSERT_EQ(CompareBits<float>(first.first, scalar.first), absl::OkStatus());
    ASSERT_EQ(CompareBits<float>(first.second, scalar.second), absl::OkStatus());
    std::vector<double> values, bounds;
    for (const float value : scalar.values) {
      values.push_back(value);
      // The divisions are done in another order in double: one rounding to float may fall
      // elsewhere.
      bounds.push_back(ErrorBound(1, std::abs(value), kFloatEpsilon));
    }
    ASSERT_EQ(Compare<float>(first.values, values, bounds), absl::OkStatus());
    EachWay([&](const ParallelFor& parallel_for) {
      Buffers vector(count);
      vector.Adam(AdamSpec(), parallel_for);
      ASSERT_EQ(CompareBits<float>(vector.first, first.first), absl::OkStatus()) << count;
      ASSERT_EQ(CompareBits<float>(vector.second, first.second), absl::OkStatus()) << count;
      ASSERT_EQ(CompareBits<float>(vector.values, first.values), absl::OkStatus()) << count;
    });
  }
}

TEST(GradientNormTest, IsTheSameBitsOnAnyCpuAndThreadCount) {
  for (const int64_t count : kCounts) {
    const Buffers buffers(count);
    double squares = 0;
    for (const float g : buffers.gradient) squares += double{g} * g;
    const double norm = GradientNorm(buffers.gradient);
    EXPECT_NEAR(norm * norm, squares, 2 * ErrorBound(count + 2, squares, kDoubleEpsilon));
    EachWay([&](const ParallelFor& parallel_for) {
      EXPECT_EQ(GradientNorm(buffers.gradient, parallel_for), norm) << count;
    });
  }
}

}  // namespace
}  // namespace ssnas
