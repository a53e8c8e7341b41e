#include "stripes/stripes.h"

#include <gtest/gtest.h>

#include <cstring>

namespace outside {
namespace {

std::unique_ptr<ssnas::ImageSet> Make(uint64_t seed) {
  StripesConfig config;
  config.set_size(9);
  config.set_train_images(8);
  return (*Stripes::Create(config))->Images({.seed = seed}, ssnas::Split::kTrain).value();
}

// Class 0 does not change along a column, class 2 not along a row.
TEST(StripesTest, RunInTheDirectionOfTheirClass) {
  const auto images = Make(1);
  for (const int64_t first : {0, 4}) {
    const ssnas::ImageView upright = images->Get(first), flat = images->Get(first + 2);
    for (int i = 1; i < 9; ++i) {
      EXPECT_EQ(upright.pixels[9 * i + 4], upright.pixels[4]);
      EXPECT_NEAR(flat.pixels[9 * 4 + i], flat.pixels[9 * 4], 1);  // tolerance: cos 90° is not 0
    }
    EXPECT_NE(upright.pixels[0], upright.pixels[1]);
    EXPECT_NE(flat.pixels[0], flat.pixels[9]);
  }
}

TEST(StripesTest, ImagesDependOnTheSeed) {
  const auto first = Make(1), again = Make(1), other = Make(2);
  EXPECT_EQ(std::memcmp(first->Get(3).pixels, again->Get(3).pixels, 81), 0);
  EXPECT_NE(std::memcmp(first->Get(3).pixels, other->Get(3).pixels, 81), 0);
}

}  // namespace
}  // namespace outside
