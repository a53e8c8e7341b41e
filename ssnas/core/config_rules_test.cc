#include "ssnas/core/config_rules.h"

#include <gtest/gtest.h>

#include <limits>

#include "ssnas/core/config_rules_test.pb.h"

namespace ssnas {
namespace {

TEST(CheckRulesTest, TakesWhatIsInRange) {
  RuledConfig config;
  EXPECT_EQ(CheckRules("crop", config), absl::OkStatus());
  config.set_size(1);
  config.set_min_area(1);
  EXPECT_EQ(CheckRules("crop", config), absl::OkStatus());
}

TEST(CheckRulesTest, NamesFieldValueAndRange) {
  RuledConfig config;
  config.set_size(0);
  EXPECT_EQ(CheckRules("crop", config).message(), "crop: size 0; give an integer from 1 to 4,096");
  config.clear_size();
  config.set_min_area(0);
  EXPECT_EQ(CheckRules("crop", config).message(),
            "crop: min_area 0; give a number above 0 and at most 1");
}

TEST(CheckRulesTest, LooksAtEveryElementAndRefusesWhatIsNotFinite) {
  RuledConfig config;
  config.add_std(1);
  config.add_std(-1);
  EXPECT_EQ(CheckRules("normalize", config).message(),
            "normalize: std -1; give a number above 0 and at most 1,000");
  config.set_std(1, std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(CheckRules("normalize", config).code(), absl::StatusCode::kInvalidArgument);
  config.set_std(1, std::numeric_limits<double>::infinity());
  EXPECT_EQ(CheckRules("normalize", config).code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace ssnas
