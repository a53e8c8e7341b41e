#include "ssnas/datasets/augmentations/gaussian_blur/gaussian_blur.h"

#include <gtest/gtest.h>

#include <vector>

#include "ssnas/core/testing/compare.h"
#include "ssnas/datasets/augmentations/gaussian_blur/gaussian_blur.pb.h"
#include "ssnas/datasets/augmentations/testing/image_checks.h"

namespace ssnas {
namespace {

// Two passes of 2·radius + 1 rounded weights that sum to 1.
double Bound(int radius) { return ErrorBound(2 * (2 * radius + 1) + 2, 1, kFloatEpsilon); }

TEST(GaussianBlurTest, HasTheTapsOfSimClr) {
  EXPECT_EQ(BlurRadius(19), 0);
  EXPECT_EQ(2 * BlurRadius(32) + 1, 3);
  EXPECT_EQ(2 * BlurRadius(96) + 1, 9);
  EXPECT_EQ(2 * BlurRadius(224) + 1, 23);
  std::vector<float> weights(2);
  BlurWeights(1, 1, weights.data());
  EXPECT_EQ(Compare<float>(weights, {0.45186276, 0.27406862}, Bound(1)), absl::OkStatus());
}

// SciPy's correlate1d in float64, mode "mirror"; torchvision's gaussian_blur agrees in float32.
TEST(GaussianBlurTest, IsAConvolutionWithTheMirroredImage) {
  FloatImage image = PatternImage(4, 5, 1);
  Blur(1, 1, image);
  EXPECT_EQ(ComparePixels(image, 4, 5, 1,
                          {0.247682806, 0.300808766, 0.490372552, 0.543710795, 0.508464347,
                           0.345328327, 0.355076056, 0.482624969, 0.498524519, 0.483696067,
                           0.545044225, 0.444923944, 0.418850512, 0.398524519, 0.428882343,
                           0.642689746, 0.499191234, 0.411102929, 0.353338243, 0.404114062},
                          Bound(1)),
            absl::OkStatus());
  image = PatternImage(3, 4, 1);
  Blur(1.5, 4, image);
  EXPECT_EQ(
      ComparePixels(image, 3, 4, 1,
                    {0.376448584, 0.400634511, 0.453268451, 0.481881532, 0.3820781, 0.404156236,
                     0.452519517, 0.479041857, 0.388046575, 0.408038035, 0.452126592, 0.476545206},
                    Bound(4)),
      absl::OkStatus());
  image = PatternImage(2, 1, 1);
  Blur(1, 2, image);
  EXPECT_EQ(ComparePixels(image, 2, 1, 1, {0.341881879, 0.358118121}, Bound(2)), absl::OkStatus());
}

TEST(GaussianBlurTest, BlursEachChannelByItself) {
  FloatImage three = PatternImage(25, 7, 3);
  Blur(0.8, 1, three);
  for (int c = 0; c < 3; ++c) {
    FloatImage one{.height = 25, .width = 7, .channels = 1, .pixels = {}};
    const FloatImage pattern = PatternImage(25, 7, 3);
    for (int i = 0; i < 25 * 7; ++i) one.pixels.push_back(pattern.pixels[3 * i + c]);
    Blur(0.8, 1, one);
    for (int i = 0; i < 25 * 7; ++i) EXPECT_EQ(three.pixels[3 * i + c], one.pixels[i]);
  }
}

TEST(GaussianBlurTest, LeavesSmallImagesAlone) {
  GaussianBlurConfig config;
  config.set_probability(1);
  FloatImage image = PatternImage(19, 40, 3);
  Philox random = TestStream(0);
  GaussianBlur::Create(config).value()->Apply(random, image);
  EXPECT_EQ(image.pixels, PatternImage(19, 40, 3).pixels);
}

TEST(GaussianBlurTest, WantsItsSigmasInOrder) {
  GaussianBlurConfig config;
  config.set_min_sigma(3);
  EXPECT_EQ(GaussianBlur::Create(config).status().message(),
            "gaussian_blur: min_sigma 3 is more than max_sigma 2");
}

}  // namespace
}  // namespace ssnas
