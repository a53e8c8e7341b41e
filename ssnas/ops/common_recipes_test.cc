#include "ssnas/ops/common_recipes.h"

#include <gtest/gtest.h>

#include <vector>

namespace ssnas {
namespace {

int64_t ParameterCount(const Recipe& recipe) {
  int64_t count = 0;
  for (const ParameterSpec& spec : recipe.Parameters()) count += spec.count();
  return count;
}

Shape4 OutputShape(const Recipe& recipe, const Shape4& input) {
  return (*recipe.Shapes(input))[recipe.output()];
}

TEST(ReluConvBnTest, IsPointwiseForKernelOne) {
  EXPECT_EQ(ReluConvBn(4, 8, 1, 1, 0, false).DebugString(),
            "0 = input -> 4\n"
            "1 = relu (0) -> 4\n"
            "2 = pointwise s1 (1) -> 8 [conv]\n"
            "3 = batch_norm (2) -> 8 [norm]\n"
            "output 3\n");
  EXPECT_EQ(ReluConvBn(4, 8, 3, 2, 1, true).DebugString(),
            "0 = input -> 4\n"
            "1 = relu (0) -> 4\n"
            "2 = conv k3 s2 d1 p1 (1) -> 8 [conv]\n"
            "3 = batch_norm affine (2) -> 8 [norm]\n"
            "output 3\n");
}

TEST(FactorizedReduceTest, HalvesOddSizesUpwards) {
  const absl::StatusOr<Recipe> recipe = FactorizedReduce(6, 5, true);
  ASSERT_TRUE(recipe.ok()) << recipe.status();
  for (const int64_t size : {1, 2, 3, 7, 8}) {
    EXPECT_EQ(OutputShape(*recipe, {1, size, 8, 6}), (Shape4{1, (size + 1) / 2, 4, 5}));
  }
  EXPECT_EQ(ParameterCount(*recipe), 6 * 5 + 2 * 5);
  EXPECT_EQ(FactorizedReduce(6, 1, true).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(StemTest, ImageNetsAreAQuarterAndAnEighth) {
  EXPECT_EQ(OutputShape(CifarStem(3, 48), {2, 32, 32, 3}), (Shape4{2, 32, 32, 48}));
  EXPECT_EQ(OutputShape(ImageNetStem0(3, 48), {2, 224, 224, 3}), (Shape4{2, 56, 56, 48}));
  EXPECT_EQ(OutputShape(ImageNetStem1(48), {2, 56, 56, 48}), (Shape4{2, 28, 28, 48}));
  // Convolutions and two vectors a norm.
  EXPECT_EQ(ParameterCount(CifarStem(3, 48)), 27 * 48 + 2 * 48);
  EXPECT_EQ(ParameterCount(ImageNetStem0(3, 48)), 27 * 24 + 2 * 24 + 9 * 24 * 48 + 2 * 48);
  EXPECT_EQ(ParameterCount(ImageNetStem1(48)), 9 * 48 * 48 + 2 * 48);
}

TEST(AuxiliaryHeadTest, IsAsPublishedForCifar) {
  EXPECT_EQ(AuxiliaryHead(32, 8, AuxiliaryNorm::kBoth)->DebugString(),
            "0 = input -> 32\n"
            "1 = relu (0) -> 32\n"
            "2 = avg_pool k5 s3 p0 (1) -> 32\n"
            "3 = pointwise s1 (2) -> 128 [conv1]\n"
            "4 = batch_norm affine (3) -> 128 [norm1]\n"
            "5 = relu (4) -> 128\n"
            "6 = conv k2 s1 d1 p0 (5) -> 768 [conv2]\n"
            "7 = batch_norm affine (6) -> 768 [norm2]\n"
            "8 = relu (7) -> 768\n"
            "output 8\n");
}

TEST(AuxiliaryHeadTest, LacksItsSecondNormOnImageNet) {
  const Recipe recipe = *AuxiliaryHead(32, 7, AuxiliaryNorm::kFirstOnly);
  EXPECT_EQ(recipe.primitives()[2].kernel, 5);
  EXPECT_EQ(recipe.primitives()[2].stride, 2);
  EXPECT_EQ(recipe.primitives()[7].kind, PrimitiveKind::kRelu);
  EXPECT_EQ(recipe.RunningStatistics().size(), 2u);
}

TEST(AuxiliaryHeadTest, PoolsToTwoByTwoAtAnySize) {
  for (int64_t size = 2; size <= 64; ++size) {
    const absl::StatusOr<Recipe> recipe = AuxiliaryHead(4, size, AuxiliaryNorm::kBoth);
    ASSERT_TRUE(recipe.ok()) << recipe.status();
    const std::vector<Shape4> shapes = *recipe->Shapes({3, size, size, 4});
    EXPECT_EQ(shapes[2], (Shape4{3, 2, 2, 4})) << size;
    EXPECT_EQ(shapes.back(), (Shape4{3, 1, 1, 768})) << size;
  }
  EXPECT_EQ(AuxiliaryHead(4, 1, AuxiliaryNorm::kBoth).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace ssnas
