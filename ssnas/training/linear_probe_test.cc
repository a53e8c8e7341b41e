#include "ssnas/training/linear_probe.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "ssnas/core/philox.h"
#include "ssnas/core/testing/compare.h"

namespace ssnas {
namespace {

// Rows around one random centre a class; `spread` 0.1 is separable, `signal` 0 makes labels
// meaningless.
ProbeData Blobs(int64_t rows, double signal, uint64_t seed) {
  ProbeData data{.dimensions = 8};
  for (int64_t i = 0; i < rows; ++i) {
    Philox random({.seed = seed, .sample = static_cast<uint64_t>(i)});
    const int32_t label = static_cast<int32_t>(random.Below(4));
    Philox centre({.seed = 99, .sample = static_cast<uint64_t>(label)});
    for (int j = 0; j < 7; ++j) {
      // One feature is a thousand times its spread away from zero.
      const double offset = j == 0 ? 1000 : 0;
      data.features.push_back(
          static_cast<float>(offset + signal * centre.Normal() + 0.1 * random.Normal()));
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

// The minimum, found by gradient descent in double (Python), of three classes on two features.
TEST(LinearProbeTest, FindsTheMinimum) {
  const ProbeData data{.dimensions = 2,
                       .features = {0.5, 10, 1.5, 14, -1, 11, 2, 9, 0, 16, -2, 13, 1, 12, -0.5, 8},
                       .labels = {0, 1, 2, 0, 1, 2, 1, 0}};
  ProbeSpec spec;
  spec.set_epochs(4000);
  spec.set_learning_rate(0.05);
  spec.set_weight_decay(0.05);
  const auto probe = TrainLinearProbe(spec, data, 3);
  ASSERT_TRUE(probe.ok()) << probe.status();
  const std::vector<double> weight = {0.3996011623832216, -0.5858335705791434, 0.6509499228107131,
                                      0.5157336246815384, -1.0505510851939344, 0.07009994589760506};
  const std::vector<double> bias = {6.745130664854182, -5.806118131382734, -0.9390125334714493};
  // Adding a number to every bias changes no probability, so b is known up to its mean; here it is
  // 0.
  std::vector<double> centred(probe->bias.begin(), probe->bias.end());
  const double mean = (centred[0] + centred[1] + centred[2]) / 3;
  for (double& b : centred) b -= mean;
  // Rounding to float32 moves the gradient, and curvature (at least the decay, 0.05) the minimum.
  const double moved = ErrorBound(8, 3, kFloatEpsilon) / 0.05;
  EXPECT_EQ(Compare<float>(probe->weight, weight, moved), absl::OkStatus());
  EXPECT_EQ(Compare<double>(centred, bias, 20 * moved), absl::OkStatus()) << "means of 11.6";
}

TEST(LinearProbeTest, TwoRunsGiveTheSameBits) {
  const auto first = TrainLinearProbe(ProbeSpec(), Blobs(300, 1, 1), 4);
  const auto second = TrainLinearProbe(ProbeSpec(), Blobs(300, 1, 1), 4);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(CompareBits<float>(first->weight, second->weight), absl::OkStatus());
  EXPECT_EQ(CompareBits<float>(first->bias, second->bias), absl::OkStatus());
}

// Folded into W and b, a spread of one last place in 10,000 would drown everything else.
TEST(LinearProbeTest, AFeatureThatIsAsGoodAsConstantDoesNoHarm) {
  ProbeData train = Blobs(400, 1, 1);
  for (size_t i = 7; i < train.features.size(); i += 8) train.features[i] = 3;
  train.features[7] = std::nextafter(3.0f, 4.0f);
  const auto probe = TrainLinearProbe(ProbeSpec(), train, 4);
  ASSERT_TRUE(probe.ok()) << probe.status();
  for (int k = 0; k < 4; ++k) EXPECT_EQ(probe->weight[k * 8 + 7], 0);
  EXPECT_EQ(probe->Accuracy(Blobs(400, 1, 2)), 1);
}

TEST(LinearProbeTest, CountsTheTopAndNothingThatIsNoAnswer) {
  const LinearProbe probe{.classes = 3, .dimensions = 1, .weight = {1, 2, 3}, .bias = {0, 0, 0}};
  const auto accuracy = [&](float feature, int32_t label, int top) {
    return probe.Accuracy({.dimensions = 1, .features = {feature}, .labels = {label}}, top);
  };
  EXPECT_EQ(accuracy(1, 2, 1), 1);  // logits 1, 2, 3
  EXPECT_EQ(accuracy(1, 1, 1), 0);
  EXPECT_EQ(accuracy(1, 1, 2), 1);
  EXPECT_EQ(accuracy(1, 0, 2), 0);
  EXPECT_EQ(accuracy(-1, 0, 1), 1);  // logits −1, −2, −3
  EXPECT_EQ(accuracy(NAN, 0, 3), 0);
  EXPECT_EQ(accuracy(1, 3, 3), 0);
  EXPECT_EQ(accuracy(1, -1, 3), 0);
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
  EXPECT_FALSE(TrainLinearProbe(ProbeSpec(), ProbeData{.labels = {1}}, 4).ok());
  EXPECT_FALSE(TrainLinearProbe(ProbeSpec(), Blobs(10, 1, 1), 1).ok());
}

}  // namespace
}  // namespace ssnas
