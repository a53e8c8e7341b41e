#include "shuffle_conv/shuffle_conv.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace outside {
namespace {

ssnas::Recipe Build(int groups, const ssnas::OperationContext& context) {
  ShuffleConvConfig config;
  config.set_groups(groups);
  return *(*ShuffleConv::Create(config))->BuildRecipe(context);
}

TEST(ShuffleConvTest, IsOneModule) {
  EXPECT_EQ(Build(2, {.stride = 2, .channels = 6}).DebugString(),
            "0 = input -> 6\n"
            "1 = module s2 (0) -> 6 [unit]\n"
            "output 1\n");
}

// The banner's C(C/g + 9) parameters; 5 channels have no second group.
TEST(ShuffleConvTest, CostsWhatItsBannerSays) {
  for (const auto& [channels, groups] : std::vector<std::pair<int64_t, int64_t>>{{6, 2}, {5, 1}}) {
    int64_t count = 0;
    for (const auto& spec : Build(2, {.channels = channels}).Parameters()) count += spec.count();
    EXPECT_EQ(count, channels * (channels / groups + 9));
  }
}

TEST(ShuffleConvTest, KeepsTheNormsStatisticsAndLearnsItsScaleWhenDerived) {
  const ssnas::Recipe recipe = Build(2, {.phase = ssnas::Phase::kDerived, .channels = 4});
  ASSERT_EQ(recipe.RunningStatistics().size(), 2u);
  EXPECT_EQ(recipe.RunningStatistics()[0].name, "unit.norm.running_mean");
  ASSERT_EQ(recipe.Parameters().size(), 4u);
  EXPECT_EQ(recipe.Parameters()[2].name, "unit.norm.weight");
  EXPECT_EQ(recipe.Parameters()[2].init, ssnas::Init::kOnes);
}

TEST(ShuffleConvTest, RefusesGroupsOutOfRange) {
  ShuffleConvConfig config;
  config.set_groups(0);
  EXPECT_EQ(ShuffleConv::Create(config).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace outside
