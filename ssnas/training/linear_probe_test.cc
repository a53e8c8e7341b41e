#include "ssnas/training/linear_probe.h"

#include <cmath>

#include <gtest/gtest.h>

#include "ssnas/core/philox.h"

namespace ssnas {
namespace {

// Rows around one random centre a class; `spread` 0.1 is separable, `signal` 0 makes labels meaningless.
ProbeData Blobs(int64_t rows, double signal, uint64_t seed) {
  ProbeData data{.dimensions = 8};
  for (int64_t i = 0; i < rows; ++i) {
    Philox random({.seed = seed, .sample = static_cast<uint64_t>(i)});
    const int32_t label = static_cast<int32_t>(random.Below(4));
    Philox centre({.seed = 99, .sample = static_cast<uint64_t>(label)});
    for (int j = 0; j < 7; ++j) {
      // One feature is a thousand times its spread away from zero.
      const double offset = j == 0 ? 1000 : 0;
      data.features.push_back(static_cast<float>(offset + signal * centre.Normal() + 0.1 * random.Normal()));
    }
    data.features.push_back(3.0f);  // constant
    data.labels.push_back(label);
  }
  return data;
}

TEST(LinearProbeTest, SeparatesBlobs) {
  const auto probe = TrainLinearProbe(ProbeSpec(), Blobs(400, 1, 1), 4);
  ASSERT_TRUE(probe.ok());
  EXPECT_EQ(probe->Accuracy(Blobs(400, 1, 2)), 1);
  EXPECT_EQ(probe->Accuracy(Blobs(400, 1, 2), 4), 1);
}

TEST(LinearProbeTest, IsAtChanceWithoutSignal) {
  const auto probe = TrainLinearProbe(ProbeSpec(), Blobs(2000, 0, 1), 4);
  ASSERT_TRUE(probe.ok());
  // Five standard deviations of a binomial share of 2,000.
  EXPECT_LT(std::abs(probe->Accuracy(Blobs(2000, 0, 2)) - 0.25), 5 * std::sqrt(0.25 * 0.75 / 2000));
}

TEST(LinearProbeTest, AConstantRepresentationScoresNoBetterThanItsFirstClass) {
  ProbeData data{.dimensions = 1, .features = {5, 5, 5, 5}, .labels = {0, 1, 2, 3}};
  const auto probe = TrainLinearProbe(ProbeSpec(), data, 4);
  ASSERT_TRUE(probe.ok());
  EXPECT_EQ(probe->Accuracy(data), 0.25);
}

TEST(LinearProbeTest, RefusesBadInput) {
  ProbeData data{.dimensions = 1, .features = {1, 2}, .labels = {0, 4}};
  EXPECT_FALSE(TrainLinearProbe(ProbeSpec(), data, 4).ok());
  data.labels = {0};
  EXPECT_FALSE(TrainLinearProbe(ProbeSpec(), data, 4).ok());
  data.labels = {0, 1};
  data.features[1] = NAN;
  EXPECT_FALSE(TrainLinearProbe(ProbeSpec(), data, 4).ok());
  EXPECT_FALSE(TrainLinearProbe(ProbeSpec(), ProbeData{.dimensions = 1}, 4).ok());
}

}  // namespace
}  // namespace ssnas
