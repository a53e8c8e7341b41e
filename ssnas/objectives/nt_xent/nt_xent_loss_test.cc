#include "ssnas/objectives/nt_xent/nt_xent_loss.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "ssnas/core/philox.h"
#include "ssnas/core/testing/compare.h"
#include "ssnas/core/testing/each_target.h"
#include "ssnas/core/thread_pool.h"
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
    EXPECT_NEAR(value.spread.value(), 0, kPrinted);
  }
  EXPECT_NEAR(Value(equal, 64, 0.5).loss, 4.1431347, 5e-8);  // tolerance: printed to seven places
}

TEST(NtXentLossTest, OneImageHasNothingToBeConfusedWith) {
  std::vector<double> gradient(4, 0.0);
  const std::vector<double> z = {1, 2, 3, 4};
  const LossValue value = NtXentLoss<double>(z.data(), 2, 2, 0.5, gradient.data(), SerialFor);
  EXPECT_EQ(value.loss, 0);
  EXPECT_EQ(value.accuracy, 1);
  EXPECT_FALSE(value.spread.has_value());
  EXPECT_EQ(gradient, std::vector<double>(4, 0.0));
}

TEST(NtXentLossTest, OrthonormalImages) {
  std::vector<double> z(8 * 4, 0.0);
  for (int i = 0; i < 8; ++i) z[i * 4 + i % 4] = 1;
  EXPECT_NEAR(Value(z, 8, 0.5).loss, 0.5944376642, kPrinted);
  EXPECT_NEAR(Value(z, 8, 0.5).spread.value(), 0.75, kPrinted);  // 1 − |(¼, ¼, ¼, ¼)|²
  EXPECT_EQ(Value(std::vector<double>(8 * 4, 0.0), 8, 0.5).spread, 0.0);
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

// Second views near the first, as they are in training.
std::vector<double> Views(int64_t rows, int64_t size) {
  std::vector<double> z = Random(rows * size, 2);
  for (int64_t i = 0; i < rows / 2 * size; ++i) {
    z[rows / 2 * size + i] = static_cast<float>(z[i] + 0.4 * z[rows / 2 * size + i]);
  }
  return z;
}

template <typename T>
struct Outcome {
  LossValue value;
  std::vector<T> gradient;

  Outcome(const std::vector<double>& z, int64_t rows, double temperature,
          const ParallelFor& parallel_for = SerialFor)
      : gradient(z.size(), T{0}) {
    const std::vector<T> rounded(z.begin(), z.end());
    value = NtXentLoss<T>(rounded.data(), rows, static_cast<int64_t>(z.size()) / rows, temperature,
                          gradient.data(), parallel_for);
  }
};

template <typename T>
void ExpectReference(const NtXentReference& expected, double temperature, const LossValue& value,
                     const std::vector<T>& gradient) {
  const int64_t size = static_cast<int64_t>(gradient.size() / expected.lengths.size());
  // The definition is rounded too, in double.
  const double epsilon = std::numeric_limits<T>::epsilon() + kDoubleEpsilon;
  EXPECT_NEAR(value.loss, expected.value.loss, NtXentLossBound(size, temperature, epsilon));
  EXPECT_EQ(Compare<T>(gradient, expected.gradient,
                       NtXentGradientBounds(expected, size, temperature, epsilon)),
            absl::OkStatus());
  EXPECT_EQ(value.accuracy, expected.value.accuracy);
}

// Around blocks of 64 rows and vectors of 1 … 16 lanes.
TEST(NtXentLossTest, LossAndGradientAreTheDefinitionOnEachCpuAtAnySizeAndTemperature) {
  const std::pair<int64_t, int64_t> sizes[] = {{2, 3},   {10, 1},  {64, 32}, {66, 128},
                                               {128, 5}, {150, 7}, {194, 33}};
  for (const auto& [rows, size] : sizes) {
    for (const double temperature : {1e-3, 0.05, 0.5, 5.0, 100.0}) {
      const std::vector<double> z = Views(rows, size);
      const NtXentReference expected = NtXentByDefinition(z, rows, temperature);
      ForEachTarget([&, rows = rows, size = size](const char* name) {
        SCOPED_TRACE(testing::Message()
                     << name << ": " << rows << " rows of " << size << " at " << temperature);
        const Outcome<float> single(z, rows, temperature);
        ExpectReference(expected, temperature, single.value, single.gradient);
        const Outcome<double> twice(z, rows, temperature);
        ExpectReference(expected, temperature, twice.value, twice.gradient);
      });
    }
  }
}

TEST(NtXentLossTest, TheSlowOracleIsTheDefinition) {
  for (const double temperature : {1e-3, 0.5, 100.0}) {
    const std::vector<double> z = Views(kRows, kSize);
    std::vector<double> gradient(z.size(), 0.0);
    const LossValue value =
        NtXentByRows<double>(z.data(), kRows, kSize, temperature, gradient.data());
    ExpectReference(NtXentByDefinition(z, kRows, temperature), temperature, value, gradient);
  }
}

// ‖a − b‖ / ‖b‖
double Distance(const std::vector<float>& a, const std::vector<double>& b) {
  double off = 0, norm = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    off += std::pow(a[i] - b[i], 2);
    norm += std::pow(b[i], 2);
  }
  return std::sqrt(off / norm);
}

TEST(NtXentLossTest, FloatsAreWithinAMillionthOfTheOracleInDouble) {
  const int64_t rows = 1030, size = 128;
  for (const double temperature : {0.1, 0.5, 1.0, 100.0}) {
    SCOPED_TRACE(temperature);
    const std::vector<double> z = Views(rows, size);
    std::vector<double> gradient(z.size(), 0.0);
    const LossValue value =
        NtXentByRows<double>(z.data(), rows, size, temperature, gradient.data());
    const Outcome<float> fast(z, rows, temperature);
    EXPECT_NEAR(fast.value.loss / value.loss, 1, 1e-6);  // tolerance: what docs/objectives.md says
    EXPECT_LT(Distance(fast.gradient, gradient), 1e-6);
  }
}

template <typename T>
void ExpectTheSameBitsForAnyThreadCount(int64_t rows, int64_t size) {
  SCOPED_TRACE(testing::Message() << rows << " rows of " << size);
  const std::vector<double> z = Views(rows, size);
  const Outcome<T> serial(z, rows, 0.1);
  for (int threads = 1; threads <= 8; ++threads) {
    ThreadPool pool(threads);
    const Outcome<T> outcome(z, rows, 0.1, pool.parallel_for());
    EXPECT_EQ(outcome.value.loss, serial.value.loss) << threads;
    EXPECT_EQ(outcome.value.accuracy, serial.value.accuracy) << threads;
    ASSERT_EQ(CompareBits<T>(outcome.gradient, serial.gradient), absl::OkStatus()) << threads;
  }
}

// Too few rows for threads, an even and an odd number of blocks, groups of 2 and of 4 of which the
// last is short.
TEST(NtXentLossTest, TheThreadCountChangesNoBit) {
  ExpectTheSameBitsForAnyThreadCount<float>(12, 9);
  ExpectTheSameBitsForAnyThreadCount<float>(256, 300);
  ExpectTheSameBitsForAnyThreadCount<float>(262, 300);
  ExpectTheSameBitsForAnyThreadCount<float>(2114, 9);
  ExpectTheSameBitsForAnyThreadCount<float>(4200, 3);
  ExpectTheSameBitsForAnyThreadCount<double>(262, 300);
}

TEST(NtXentLossTest, GradientsAreAdded) {
  const std::vector<double> z = Views(6, 5);
  const Outcome<double> once(z, 6, 0.5);
  std::vector<double> gradient(z.size(), 0.5);
  NtXentLoss<double>(z.data(), 6, 5, 0.5, gradient.data(), SerialFor);
  for (size_t i = 0; i < z.size(); ++i) {
    EXPECT_NEAR(gradient[i], 0.5 + once.gradient[i], ErrorBound(3, 1, kDoubleEpsilon));
  }
}

TEST(NtXentLossTest, EqualFloatsTie) {
  std::vector<double> z = Random(130 * 20, 4);
  for (size_t i = 20; i < z.size(); ++i) z[i] = z[i - 20];
  for (const double temperature : {1e-3, 0.5}) {
    const Outcome<float> outcome(z, 130, temperature);
    EXPECT_EQ(outcome.value.accuracy, 0);
    EXPECT_NEAR(outcome.value.loss, std::log(129.0), NtXentTotalBound(kFloatEpsilon));
  }
}

TEST(NtXentLossTest, RowsOfZerosAreAsTheDefinitionHasThem) {
  const int64_t rows = 140;
  std::vector<double> z = Views(rows, kSize);
  for (const int64_t row : {3, 70, 73, 139}) std::fill_n(&z[row * kSize], kSize, 0.0);
  for (const double temperature : {0.01, 0.5}) {
    const NtXentReference expected = NtXentByDefinition(z, rows, temperature);
    const Outcome<float> single(z, rows, temperature);
    ExpectReference(expected, temperature, single.value, single.gradient);
    const Outcome<double> twice(z, rows, temperature);
    ExpectReference(expected, temperature, twice.value, twice.gradient);
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
    const Outcome<float> outcome(z, 6, 0.5);
    EXPECT_TRUE(std::isnan(outcome.value.loss)) << bad;
    for (const float g : outcome.gradient) EXPECT_TRUE(std::isnan(g)) << bad;
  }
}

}  // namespace
}  // namespace ssnas
