#include "ssnas/objectives/nt_xent/nt_xent.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "ssnas/core/philox.h"

namespace ssnas {
namespace {

std::vector<double> Random(int64_t count, uint64_t seed) {
  Philox random({.seed = seed});
  std::vector<double> values(count);
  for (double& value : values) value = random.Normal();
  return values;
}

double Loss(const std::vector<double>& z, int64_t rows, double temperature) {
  return NtXentLoss<double>(z.data(), rows, static_cast<int64_t>(z.size()) / rows, temperature, nullptr).loss;
}

// Published digits end after the tenth place.
constexpr double kPrinted = 1e-9;

TEST(NtXentLossTest, EqualProjectionsGiveTheLogOfTheOthers) {
  for (const double temperature : {0.01, 0.5, 10.0}) {
    EXPECT_NEAR(Loss(std::vector<double>(64 * 3, 0.7), 64, temperature), std::log(63.0), kPrinted);
  }
  EXPECT_NEAR(Loss({1, 2, 3, 4}, 2, 0.5), 0.0, kPrinted);  // one image: nothing to confuse it with
}

TEST(NtXentLossTest, OrthonormalImages) {
  std::vector<double> z(8 * 4, 0.0);
  for (int i = 0; i < 8; ++i) z[i * 4 + i % 4] = 1;
  EXPECT_NEAR(Loss(z, 8, 0.5), std::log(1 + 6 * std::exp(-2.0)), kPrinted);
}

TEST(NtXentLossTest, AHandMadeExample) {
  const std::vector<double> first = {1, 2, 3, -1, 0, 2, .5, -2, 1};
  const std::vector<double> second = {1, 2, 2.5, -1, 1, 2, 1, -2, 0};
  std::vector<double> z = first;
  z.insert(z.end(), second.begin(), second.end());
  EXPECT_NEAR(Loss(z, 6, 0.5), 0.7112579003, kPrinted);
  std::vector<double> swapped = second;
  swapped.insert(swapped.end(), first.begin(), first.end());
  EXPECT_NEAR(Loss(swapped, 6, 0.5), Loss(z, 6, 0.5), kPrinted);
}

TEST(NtXentLossTest, TheLengthOfAProjectionPlaysNoPart) {
  std::vector<double> z = Random(12 * 5, 1);
  const double before = Loss(z, 12, 0.3);
  for (int c = 0; c < 5; ++c) z[3 * 5 + c] *= 1000;
  EXPECT_NEAR(Loss(z, 12, 0.3), before, kPrinted);
}

TEST(NtXentLossTest, ExtremeInputsStayFinite) {
  std::vector<float> z(8 * 4, 0.0f), gradient(8 * 4, 0.0f);
  for (int i = 0; i < 4; ++i) z[i * 4] = i % 2 ? 1e18f : -1e-18f;
  const LossValue value = NtXentLoss<float>(z.data(), 8, 4, 0.01, gradient.data());
  EXPECT_TRUE(std::isfinite(value.loss));
  for (const float g : gradient) EXPECT_TRUE(std::isfinite(g));
}

// The plain definition: every similarity, every exponential, in double.
TEST(NtXentLossTest, MatchesThePlainDefinitionAcrossBlocks) {
  const int64_t rows = 150, size = 7;  // three blocks, the last one short
  const std::vector<double> z = Random(rows * size, 2);
  double loss = 0;
  for (int64_t i = 0; i < rows; ++i) {
    double sum = 0, own = 0;
    for (int64_t k = 0; k < rows; ++k) {
      double dot = 0, ii = 0, kk = 0;
      for (int64_t c = 0; c < size; ++c) {
        dot += z[i * size + c] * z[k * size + c];
        ii += z[i * size + c] * z[i * size + c];
        kk += z[k * size + c] * z[k * size + c];
      }
      const double s = dot / std::sqrt(ii * kk) / 0.2;
      if (k != i) sum += std::exp(s);
      if (k == (i + rows / 2) % rows) own = s;
    }
    loss += std::log(sum) - own;
  }
  EXPECT_NEAR(Loss(z, rows, 0.2), loss / rows, kPrinted);
}

TEST(NtXentTest, GradientsMatchCentralDifferences) {
  NtXentConfig config;
  config.set_temperature(0.4);
  config.set_projection_size(5);
  config.set_hidden_size(6);
  const auto objective = *MakeNtXent(config);
  const ObjectiveContext context{.representation_size = 4};
  const int64_t rows = 6;
  std::vector<double> h = Random(rows * 4, 3);
  std::vector<double> weights = Random(4 * 6 + 6 + 6 * 5 + 5, 4);
  std::vector<double> h_gradient(h.size(), 0.0), weight_gradient(weights.size(), 0.0);
  const auto loss = [&] {
    return objective
        ->Evaluate(context, ObjectiveArgs<double>{.rows = rows, .representation = h.data(), .weights = weights.data()})
        ->loss;
  };
  ASSERT_TRUE(objective
                  ->Evaluate(context, ObjectiveArgs<double>{.rows = rows,
                                                            .representation = h.data(),
                                                            .weights = weights.data(),
                                                            .weight_gradients = weight_gradient.data(),
                                                            .representation_gradients = h_gradient.data()})
                  .ok());
  const auto check = [&](std::vector<double>& values, const std::vector<double>& gradient) {
    for (size_t i = 0; i < values.size(); ++i) {
      constexpr double kStep = 1e-5;
      const double kept = values[i];
      values[i] = kept + kStep;
      const double above = loss();
      values[i] = kept - kStep;
      const double below = loss();
      values[i] = kept;
      // Truncation kStep² and cancellation 1e-16 / kStep, with room for third derivatives.
      EXPECT_NEAR(gradient[i], (above - below) / (2 * kStep), 1e-8) << "element " << i;  // tolerance: above
    }
  };
  check(h, h_gradient);
  check(weights, weight_gradient);
}

TEST(NtXentTest, SizesOfTheHead) {
  const auto objective = *MakeNtXent(NtXentConfig());
  int64_t count = 0;
  for (const ParameterSpec& spec : *objective->Parameters({.representation_size = 256})) count += spec.count();
  EXPECT_EQ(count, 256 * 256 + 256 + 256 * 128 + 128);
}

TEST(NtXentTest, RefusesWhatItCannotServe) {
  NtXentConfig config;
  config.set_temperature(-1);
  EXPECT_FALSE(MakeNtXent(config).ok());
  config.set_temperature(std::nan(""));
  EXPECT_FALSE(MakeNtXent(config).ok());
  const auto objective = *MakeNtXent(NtXentConfig());
  EXPECT_FALSE(objective->Evaluate(ObjectiveContext{.representation_size = 1}, ObjectiveArgs<float>{.rows = 3}).ok());
}

}  // namespace
}  // namespace ssnas
