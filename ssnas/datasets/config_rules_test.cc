#include "ssnas/datasets/config_rules.h"

#include <limits>

#include <gtest/gtest.h>

#include "ssnas/datasets/augmentations/normalize/normalize.pb.h"
#include "ssnas/datasets/augmentations/random_resized_crop/random_resized_crop.pb.h"

namespace ssnas {
namespace {

TEST(CheckRulesTest, TakesWhatIsInRange) {
  RandomResizedCropConfig config;
  EXPECT_EQ(CheckRules("crop", config), absl::OkStatus());
  config.set_size(1);
  config.set_max_area(1);
  EXPECT_EQ(CheckRules("crop", config), absl::OkStatus());
}

TEST(CheckRulesTest, NamesFieldValueAndRange) {
  RandomResizedCropConfig config;
  config.set_size(0);
  EXPECT_EQ(CheckRules("crop", config).message(), "crop: size 0; give 1 to 4096");
  config.clear_size();
  config.set_min_area(0);
  EXPECT_EQ(CheckRules("crop", config).message(),
            "crop: min_area 0; give more than 0, at most 1");
}

TEST(CheckRulesTest, LooksAtEveryElementAndRefusesWhatIsNotFinite) {
  NormalizeConfig config;
  config.add_std(1);
  config.add_std(-1);
  EXPECT_EQ(CheckRules("normalize", config).message(),
            "normalize: std -1; give more than 0, at most 1000");
  config.set_std(1, std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(CheckRules("normalize", config).code(), absl::StatusCode::kInvalidArgument);
  config.set_std(1, std::numeric_limits<double>::infinity());
  EXPECT_EQ(CheckRules("normalize", config).code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace ssnas
