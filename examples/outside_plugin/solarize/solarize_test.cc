#include "solarize/solarize.h"

#include <gtest/gtest.h>

#include "ssnas/datasets/augmentations/testing/image_checks.h"

namespace outside {
namespace {

TEST(SolarizeTest, InvertsWhatIsBright) {
  SolarizeConfig config;
  config.set_probability(1);
  config.set_threshold(0.75);
  const auto step = Solarize::Create(config);
  ASSERT_TRUE(step.ok()) << step.status();
  ssnas::FloatImage image{
      .height = 1, .width = 4, .channels = 1, .pixels = {0.25f, 0.5f, 0.75f, 1.0f}};
  ssnas::Philox random = ssnas::TestStream(1);
  (*step)->Apply(random, image);
  EXPECT_EQ(image.pixels, (std::vector<float>{0.25f, 0.5f, 0.25f, 0.0f}));
}

TEST(SolarizeTest, NeverDoesWithProbabilityZero) {
  SolarizeConfig config;
  config.set_probability(0);
  const auto step = Solarize::Create(config);
  ASSERT_TRUE(step.ok()) << step.status();
  ssnas::FloatImage image{.height = 1, .width = 1, .channels = 1, .pixels = {1.0f}};
  for (uint64_t sample = 0; sample < 100; ++sample) {
    ssnas::Philox random = ssnas::TestStream(sample);
    (*step)->Apply(random, image);
    ASSERT_EQ(image.pixels[0], 1.0f);
  }
}

}  // namespace
}  // namespace outside
