#include "ssnas/objectives/nt_xent/nt_xent_loss.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "ssnas/core/philox.h"
#include "ssnas/core/testing/compare.h"
#include "ssnas/core/testing/each_target.h"
#include "ssnas/core/testing/threads.h"
#include "ssnas/objectives/nt_xent/nt_xent_error_bound.h"
#include "ssnas/objectives/nt_xent/nt_xent_reference.h"
#include "ssnas/objectives/nt_xent/nt_xent_rows.h"

namespace ssnas {
namespace {

std::vector<double> Random(int64_t count, uint64_t seed) {
  Philox random({.seed = seed});
  std::vector<double> values(count);
  for (double& value : values) value = static_cast<float>(random.Normal());
  return values;
}

LossValue Value(const std::vector<double>& z, int64_t rows, double temperature) {
  return NtXentLoss<double>(z.data(), rows, static_cast<int64_t>(z.size()) / rows, temperature,
                            nullptr, SerialFor);
}

// Published and hand-made values are printed to ten places.
constexpr double kPrinted = 5e-11;

TEST(NtXentLossTest, EqualProjectionsGiveTheLogOfTheOthersAtAnyTemperature) {
  const std::vector<double> equal(64 * 3, 0.7);
  for (const double temperature : {1e-310, 1e-30, 0.01, 0.5, 10.0, 1000.0}) {
    const LossValue value = Value(equal, 64, temperature);
    EXPECT_NEAR(value.loss, std::log(63.0), kPrinted);
    EXPECT_EQ(value.accuracy, 0) << "a collapsed network finds no pair";
  }
  EXPECT_NEAR(Value(equal, 64, 0.5).loss, 4.1431347, 5e-8);  // tolerance: printed to seven places
}

TEST(NtXentLossTest, OneImageHasNothingToBeConfusedWith) {
  std::vector<double> gradient(4, 0.0);
  const std::vector<double> z = {1, 2, 3, 4};
  const LossValue value = NtXentLoss<double>(z.data(), 2, 2, 0.5, gradient.data(), SerialFor);
  EXPECT_EQ(value.loss, 0);
  EXPECT_EQ(value.accuracy, 1);
  EXPECT_EQ(gradient, std::vector<double>(4, 0.0));
}

TEST(NtXentLossTest, OrthonormalImages) {
  std::vector<double> z(8 * 4, 0.0);
  for (int i = 0; i < 8; ++i) z[i * 4 + i % 4] = 1;
  EXPECT_NEAR(Value(z, 8, 0.5).loss, 0.5944376642, kPrinted);
  EXPECT_EQ(Value(z, 8, 0.5).accuracy, 1);
}

TEST(NtXentLossTest, AHandMadeExampleInEitherOrderOfItsViews) {
  const std::vector<double> first = {1, 2, 3, -1, 0, 2, .5, -2, 1};
  const std::vector<double> second = {1, 2, 2.5, -1, 1, 2, 1, -2, 0};
  std::vector<double> z = first, swapped = second;
  z.insert(z.end(), second.begin(), second.end());
  swapped.insert(swapped.end(), first.begin(), first.end());
  EXPECT_NEAR(Value(z, 6, 0.5).loss, 0.7112579003, kPrinted);
  EXPECT_NEAR(Value(swapped, 6, 0.5).loss, 0.7112579003, kPrinted);
}

// Three blocks of rows, the last one short.
constexpr int64_t kRows = 150, kSize = 7;

TEST(NtXentLossTest, TheOrderOfImagesPlaysNoPart) {
  const std::vector<double> z = Random(kRows * kSize, 1);
  std::vector<double> rotated = z;
  for (int view = 0; view < 2; ++view) {
    const auto begin = rotated.begin() + view * kRows / 2 * kSize;
    std::rotate(begin, begin + 11 * kSize, begin + kRows / 2 * kSize);
  }
  for (const double temperature : {0.01, 0.5}) {
    const LossValue before = Value(z, kRows, temperature),
                    after = Value(rotated, kRows, temperature);
    EXPECT_NEAR(after.loss, before.loss, 2 * NtXentLossBound(kSize, temperature, kDoubleEpsilon));
    EXPECT_EQ(after.accuracy, before.accuracy);
  }
}

TEST(NtXentLossTest, TheLengthOfAProjectionPlaysNoPart) {
  std::vector<double> z = Random(12 * kSize, 1);
  const LossValue before = Value(z, 12, 0.3);
  for (int c = 0; c < kSize; ++c) z[3 * kSize + c] *= 1000;
  EXPECT_NEAR(Value(z, 12, 0.3).loss, before.loss, 2 * NtXentLossBound(kSize, 0.3, kDoubleEpsilon));
}

template <typename T>
void ExpectDefinition(int64_t rows, int64_t size, double temperature) {
  std::vector<double> z = Random(rows * size, 2);
  // Second views near the first, as they are in training.
  for (int64_t i = 0; i < rows / 2 * size; ++i) {
    z[rows / 2 * size + i] = static_cast<float>(z[i] + 0.4 * z[rows / 2 * size + i]);
  }
  const NtXentReference expected = NtXentByDefinition(z, rows, temperature);
  const std::vector<T> rounded(z.begin(), z.end());
  std::vector<T> gradient(z.size(), T{0});
  const LossValue value =
      NtXentLoss<T>(rounded.data(), rows, size, temperature, gradient.data(), SerialFor);
  // The definition is rounded too, in double.
  const double epsilon = std::numeric_limits<T>::epsilon() + kDoubleEpsilon;
  EXPECT_NEAR(value.loss, expected.value.loss, NtXentLossBound(size, temperature, epsilon));
  EXPECT_EQ(Compare<T>(gradient, expected.gradient,
                       NtXentGradientBounds(expected, size, temperature, epsilon)),
            absl::OkStatus());
  EXPECT_EQ(value.accuracy, expected.value.accuracy);
}

TEST(NtXentLossTest, LossAndGradientAreTheDefinitionAcrossBlocks) {
  for (const int64_t rows : {int64_t{2}, int64_t{64}, int64_t{66}, kRows}) {
    for (const double temperature : {0.05, 0.5, 5.0}) {
      SCOPED_TRACE(testing::Message() << rows << " rows at " << temperature);
      ExpectDefinition<float>(rows, kSize, temperature);
      ExpectDefinition<double>(rows, kSize, temperature);
    }
  }
}

TEST(NtXentLossTest, ALowTemperatureIsTheDistanceToTheNearestRival) {
  // τ L → max over rivals of cos − cos of the pair, where that is positive: angles 0°, 90° | 180°,
  // 90°.
  const std::vector<double> z = {1, 0, 0, 1, -1, 0, 0, 1};
  // Rows 0 and 2: pair −1, rivals 0 and 0 (log 2 more, times τ); rows 1 and 3: pair 1, nothing.
  const double temperature = 0.01;
  EXPECT_NEAR(Value(z, 4, temperature).loss, (1 / temperature + std::log(2.0)) / 2, kPrinted);
  EXPECT_EQ(Value(z, 4, temperature).accuracy, 0.5);
}

TEST(NtXentLossTest, ExtremeProjectionsStayFinite) {
  for (const float length : {1e18f, 1e-18f, 0.0f}) {
    std::vector<float> z(8 * 4, 0.0f), gradient(8 * 4, 0.0f);
    for (int i = 0; i < 8; ++i) z[i * 4 + i % 3] = i % 2 ? length : -length;
    const LossValue value = NtXentLoss<float>(z.data(), 8, 4, 0.01, gradient.data(), SerialFor);
    EXPECT_TRUE(std::isfinite(value.loss)) << length;
    for (const float g : gradient) EXPECT_TRUE(std::isfinite(g)) << length;
  }
}

TEST(NtXentLossTest, AProjectionOfLengthZeroHasNoDirection) {
  // Row 0 is zero: its cosines are 0. Rows 1, 2, 3 are equal; pairs are 0–2 and 1–3.
  const std::vector<double> z = {0, 0, 1, 0, 1, 0, 1, 0};
  const double e = std::exp(1 / 0.5);
  const double row0 = std::log(3.0), row2 = std::log(1 + 2 * e), row1 = std::log(1 + 2 * e) - 2;
  EXPECT_NEAR(Value(z, 4, 0.5).loss, (row0 + row2 + 2 * row1) / 4, kPrinted);
}

TEST(NtXentLossTest, WhatIsNotFiniteShows) {
  for (const double bad : {std::nan(""), HUGE_VAL}) {
    std::vector<double> z = Random(6 * 2, 3);
    z[5] = bad;
    EXPECT_FALSE(std::isfinite(Value(z, 6, 0.5).loss)) << bad;
  }
}

}  // namespace
}  // namespace ssnas
