#include "ssnas/datasets/augmentations/color_jitter/color_jitter.h"

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "ssnas/core/testing/compare.h"
#include "ssnas/datasets/augmentations/color.h"
#include "ssnas/datasets/augmentations/color_jitter/color_jitter.pb.h"
#include "ssnas/datasets/augmentations/testing/image_checks.h"

namespace ssnas {
namespace {

// Values in float64 by NumPy and Python's colorsys, from the same formulas as torchvision's
// functional transforms, which agree with them in float32. All on PatternImage(2, 2, 3), the hues
// on (1, 5, 3).
const double kBound = ErrorBound(8, 2, kFloatEpsilon);
// A hue comes from a quotient whose terms are as small as 0.4, times 6.
const double kHueBound = ErrorBound(16, 6, kFloatEpsilon);

absl::Status Check(const std::function<void(FloatImage&)>& change,
                   const std::vector<double>& expected) {
  FloatImage image = PatternImage(2, 2, 3);
  change(image);
  return ComparePixels(image, 2, 2, 3, expected, kBound);
}

TEST(ColorTest, Brightness) {
  EXPECT_EQ(Check([](FloatImage& image) { AdjustBrightness(1.3f, image); },
                  {0, 0.65, 1, 0.39, 1, 0.26, 0.91, 0.13, 0.78, 0, 0.65, 1}),
            absl::OkStatus());
  EXPECT_EQ(Check([](FloatImage& image) { AdjustBrightness(0.7f, image); },
                  {0, 0.35, 0.7, 0.21, 0.56, 0.14, 0.49, 0.07, 0.42, 0, 0.35, 0.7}),
            absl::OkStatus());
}

TEST(ColorTest, Contrast) {
  EXPECT_EQ(Check([](FloatImage& image) { AdjustContrast(1.4f, image); },
                  {0, 0.52666, 1, 0.24666, 0.94666, 0.10666, 0.80666, 0, 0.66666, 0, 0.52666, 1}),
            absl::OkStatus());
  EXPECT_EQ(Check([](FloatImage& image) { AdjustContrast(0.6f, image); },
                  {0.17334, 0.47334, 0.77334, 0.35334, 0.65334, 0.29334, 0.59334, 0.23334, 0.53334,
                   0.17334, 0.47334, 0.77334}),
            absl::OkStatus());
}

TEST(ColorTest, Saturation) {
  EXPECT_EQ(
      Check([](FloatImage& image) { AdjustSaturation(1.4f, image); },
            {0, 0.537, 1, 0.187172, 0.887172, 0.047172, 0.845468, 0.005468, 0.705468, 0, 0.537, 1}),
      absl::OkStatus());
  EXPECT_EQ(Check([](FloatImage& image) { AdjustSaturation(0.6f, image); },
                  {0.163, 0.463, 0.763, 0.412828, 0.712828, 0.352828, 0.554532, 0.194532, 0.494532,
                   0.163, 0.463, 0.763}),
            absl::OkStatus());
}

absl::Status CheckHue(float turns, const std::vector<double>& expected) {
  FloatImage image = PatternImage(1, 5, 3);
  AdjustHue(turns, image);
  return ComparePixels(image, 1, 5, 3, expected, kHueBound);
}

TEST(ColorTest, Hue) {
  EXPECT_EQ(CheckHue(0.1f, {0.1, 0, 1, 0.2, 0.8, 0.46, 0.6, 0, 0.14, 0.9, 0.3, 0.44, 0, 0.6, 0.26}),
            absl::OkStatus());
  EXPECT_EQ(CheckHue(-0.07f,
                     {0, 0.92, 1, 0.552, 0.8, 0.2, 0.448, 0, 0.6, 0.748, 0.3, 0.9, 0.352, 0.6, 0}),
            absl::OkStatus());
  EXPECT_EQ(CheckHue(0.5f, {1, 0.5, 0, 0.7, 0.2, 0.8, 0, 0.6, 0.1, 0.3, 0.9, 0.4, 0.5, 0, 0.6}),
            absl::OkStatus());
  EXPECT_EQ(CheckHue(-0.5f, {1, 0.5, 0, 0.7, 0.2, 0.8, 0, 0.6, 0.1, 0.3, 0.9, 0.4, 0.5, 0, 0.6}),
            absl::OkStatus());
}

TEST(ColorTest, GreyHasNoHue) {
  FloatImage image{.height = 1, .width = 2, .channels = 3, .pixels = {0, 0, 0, 0.5f, 0.5f, 0.5f}};
  AdjustHue(0.3f, image);
  EXPECT_EQ(image.pixels, (std::vector<float>{0, 0, 0, 0.5f, 0.5f, 0.5f}));
}

TEST(ColorJitterTest, HasTheStrengthsOfSimClrOnCifar) {
  const ColorJitterConfig config;
  EXPECT_EQ(config.probability(), 0.8);
  EXPECT_EQ(config.brightness(), 0.4);
  EXPECT_EQ(config.contrast(), 0.4);
  EXPECT_EQ(config.saturation(), 0.4);
  EXPECT_EQ(config.hue(), 0.1);
}

// The draws restated: whether, brightness, contrast, saturation, hue, then the order from the last
// place on.
TEST(ColorJitterTest, AppliesWhatItDrewInTheOrderThatItDrew) {
  ColorJitterConfig config;
  config.set_probability(1);
  const auto jitter = ColorJitter::Create(config).value();
  std::vector<std::vector<int>> orders;
  for (int sample = 0; sample < 200; ++sample) {
    Philox drawn = TestStream(sample), random = TestStream(sample);
    drawn.Uniform();
    float factor[4];
    for (int i = 0; i < 3; ++i) factor[i] = static_cast<float>(drawn.Uniform(0.6, 1.4));
    factor[3] = static_cast<float>(drawn.Uniform(-0.1, 0.1));
    std::vector<int> order = {0, 1, 2, 3};
    for (int last = 3; last >= 1; --last) {
      std::swap(order[last], order[static_cast<int>(drawn.Uniform(0, last + 1))]);
    }
    FloatImage expected = PatternImage(3, 4, 3), image = expected;
    for (const int part : order) {
      if (part == 0) AdjustBrightness(factor[0], expected);
      if (part == 1) AdjustContrast(factor[1], expected);
      if (part == 2) AdjustSaturation(factor[2], expected);
      if (part == 3) AdjustHue(factor[3], expected);
    }
    jitter->Apply(random, image);
    EXPECT_EQ(image.pixels, expected.pixels);
    if (std::find(orders.begin(), orders.end(), order) == orders.end()) orders.push_back(order);
  }
  EXPECT_EQ(orders.size(), 24u);
}

TEST(ColorJitterTest, AStrengthOfZeroChangesNothing) {
  ColorJitterConfig config;
  config.set_probability(1);
  config.set_brightness(0);
  config.set_contrast(0);
  config.set_saturation(0);
  config.set_hue(0);
  FloatImage image = PatternImage(3, 4, 3);
  Philox random = TestStream(1);
  ColorJitter::Create(config).value()->Apply(random, image);
  EXPECT_EQ(image.pixels, PatternImage(3, 4, 3).pixels);
}

}  // namespace
}  // namespace ssnas
