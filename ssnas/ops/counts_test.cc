// The sizes of DARTS' networks that others published, from our recipes.
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ssnas/core/registry.h"
#include "ssnas/ops/common_recipes.h"
#include "ssnas/ops/operation.h"

namespace ssnas {
namespace {

const std::vector<std::string> kDarts = {"none",         "max_pool_3x3", "avg_pool_3x3",
                                         "skip_connect", "sep_conv_3x3", "sep_conv_5x5",
                                         "dil_conv_3x3", "dil_conv_5x5"};

int64_t ParameterCount(const Recipe& recipe) {
  int64_t count = 0;
  for (const ParameterSpec& spec : recipe.Parameters()) count += spec.count();
  return count;
}

// All eight operations on one edge of a search.
int64_t EdgeCount(int64_t channels, int stride) {
  int64_t count = 0;
  for (const std::string& name : kDarts) {
    PluginSpec spec;
    spec.set_name(name);
    const absl::StatusOr<std::unique_ptr<Operation>> operation = CreatePlugin<Operation>(spec);
    EXPECT_TRUE(operation.ok()) << operation.status();
    if (!operation.ok()) continue;
    count += ParameterCount(
        *(*operation)
             ->BuildRecipe({.phase = Phase::kSearch, .stride = stride, .channels = channels}));
  }
  return count;
}

// 14 edges: in a reduction cell the 8 from its two inputs have stride 2.
int64_t CellCount(int64_t channels, bool reduction) {
  const int64_t strided = reduction ? 8 : 0;
  return strided * EdgeCount(channels, 2) + (14 - strided) * EdgeCount(channels, 1);
}

TEST(CountsTest, OneNormalCellInASearch) { EXPECT_EQ(CellCount(16, false), 44352); }

// quark0/darts' search network: 8 cells, 16 channels, CIFAR-10.
TEST(CountsTest, TheSupernetOfDarts) {
  int64_t channels = 16, before = 48, before_that = 48;
  bool halved = false;
  int64_t count = ParameterCount(CifarStem(3, 48));
  for (int cell = 0; cell < 8; ++cell) {
    const bool reduction = cell == 8 / 3 || cell == 2 * 8 / 3;
    if (reduction) channels *= 2;
    count += ParameterCount(halved ? *FactorizedReduce(before_that, channels, false)
                                   : ReluConvBn(before_that, channels, 1, 1, 0, false));
    count += ParameterCount(ReluConvBn(before, channels, 1, 1, 0, false));
    count += CellCount(channels, reduction);
    before_that = before;
    before = 4 * channels;
    halved = reduction;
  }
  const int64_t classifier = before * 10 + 10;
  EXPECT_EQ(count + classifier, 1930618);
  const int64_t projection_head = (256 * 256 + 256) + (256 * 128 + 128);
  EXPECT_EQ(before, 256);
  EXPECT_EQ(count + projection_head, 2026736);
}

}  // namespace
}  // namespace ssnas
