#include "ssnas/ops/recipe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace ssnas {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// One of every primitive.
Recipe Everything() {
  RecipeBuilder b(4);
  const int left = b.Relu(b.Identity(b.Input()));
  const int conv = b.Conv("conv", left, 6, 3, 2, 1);
  const int point = b.Pointwise("point", b.Shift(left), 2, 2);
  const int depth = b.Depthwise("depth", b.Concat({conv, point}), 5, 1, 2, 4);
  const int pooled = b.AvgPool(b.MaxPool(b.BatchNorm("norm", depth, true), 3, 1, 1), 2, 1, 0);
  return std::move(b).Build(b.Zero(b.BatchNorm("last", pooled, false), 1));
}

TEST(RecipeTest, DebugStringShowsEveryPrimitive) {
  EXPECT_EQ(Everything().DebugString(),
            "0 = input -> 4\n"
            "1 = identity (0) -> 4\n"
            "2 = relu (1) -> 4\n"
            "3 = conv k3 s2 d1 p1 (2) -> 6 [conv]\n"
            "4 = shift (2) -> 4\n"
            "5 = pointwise s2 (4) -> 2 [point]\n"
            "6 = concat (3, 5) -> 8\n"
            "7 = depthwise k5 s1 d2 p4 (6) -> 8 [depth]\n"
            "8 = batch_norm affine (7) -> 8 [norm]\n"
            "9 = max_pool k3 s1 p1 (8) -> 8\n"
            "10 = avg_pool k2 s1 p0 (9) -> 8\n"
            "11 = batch_norm (10) -> 8 [last]\n"
            "12 = zero s1 (11) -> 8\n"
            "output 12\n");
}

TEST(RecipeTest, ShapesFollowStrideDilationAndPadding) {
  const absl::StatusOr<std::vector<Shape4>> shapes = Everything().Shapes({2, 7, 10, 4});
  ASSERT_TRUE(shapes.ok()) << shapes.status();
  EXPECT_EQ((*shapes)[3], (Shape4{2, 4, 5, 6}));
  EXPECT_EQ((*shapes)[4], (Shape4{2, 7, 10, 4}));
  EXPECT_EQ((*shapes)[5], (Shape4{2, 4, 5, 2}));
  EXPECT_EQ((*shapes)[7], (Shape4{2, 4, 5, 8}));
  EXPECT_EQ((*shapes)[10], (Shape4{2, 3, 4, 8}));
  EXPECT_EQ((*shapes)[12], (Shape4{2, 3, 4, 8}));
}

TEST(RecipeTest, ParametersAreInPyTorchsShapesAndInitialisation) {
  const std::vector<ParameterSpec> specs = Everything().Parameters();
  ASSERT_EQ(specs.size(), 5u);
  EXPECT_EQ(specs[0].name, "conv.weight");
  EXPECT_THAT(specs[0].shape, ElementsAre(6, 4, 3, 3));
  EXPECT_EQ(specs[0].init, Init::kUniformFanIn);
  EXPECT_EQ(specs[0].fan_in, 4 * 9);
  EXPECT_EQ(specs[1].name, "point.weight");
  EXPECT_THAT(specs[1].shape, ElementsAre(2, 4, 1, 1));
  EXPECT_EQ(specs[1].fan_in, 4);
  EXPECT_EQ(specs[2].name, "depth.weight");
  EXPECT_THAT(specs[2].shape, ElementsAre(8, 1, 5, 5));
  EXPECT_EQ(specs[2].fan_in, 25);
  EXPECT_EQ(specs[3].name, "norm.weight");
  EXPECT_THAT(specs[3].shape, ElementsAre(8));
  EXPECT_EQ(specs[3].init, Init::kOnes);
  EXPECT_EQ(specs[4].name, "norm.bias");
  EXPECT_EQ(specs[4].init, Init::kZeros);
}

TEST(RecipeTest, EveryNormHasRunningStatistics) {
  const std::vector<ParameterSpec> specs = Everything().RunningStatistics();
  ASSERT_EQ(specs.size(), 4u);
  EXPECT_EQ(specs[0].name, "norm.running_mean");
  EXPECT_EQ(specs[0].init, Init::kZeros);
  EXPECT_EQ(specs[1].name, "norm.running_var");
  EXPECT_EQ(specs[1].init, Init::kOnes);
  EXPECT_THAT(specs[1].shape, ElementsAre(8));
  EXPECT_EQ(specs[2].name, "last.running_mean");
}

TEST(RecipeTest, MultiplyAddsCountConvolutionsOnly) {
  // Output pixels 4·5, images 2: conv 6·4·9, pointwise 2·4, depthwise 8·25.
  EXPECT_EQ(Everything().MultiplyAdds({2, 7, 10, 4}).value(),
            2 * 4 * 5 * (6 * 4 * 9 + 2 * 4 + 8 * 25));
}

TEST(RecipeTest, ShapesRefuseWhatDoesNotFit) {
  RecipeBuilder b(3);
  const Recipe recipe = std::move(b).Build(b.Conv("wide", 0, 3, 5, 1, 0));
  EXPECT_TRUE(recipe.Shapes({1, 5, 5, 3}).ok());
  const absl::Status small = recipe.Shapes({1, 5, 4, 3}).status();
  EXPECT_EQ(small.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(small.message()), HasSubstr("conv wide of kernel 5"));
  EXPECT_THAT(std::string(small.message()), HasSubstr("5×4"));
  EXPECT_THAT(std::string(recipe.Shapes({1, 5, 5, 2}).status().message()),
              HasSubstr("1×5×5×2 for a recipe of 3 channels"));
  EXPECT_FALSE(recipe.Shapes({0, 5, 5, 3}).ok());
  EXPECT_FALSE(recipe.MultiplyAdds({1, 4, 5, 3}).ok());
}

TEST(RecipeTest, ShapesRefuseToConcatenateDifferentSizes) {
  RecipeBuilder b(3);
  const int half = b.MaxPool(b.Input(), 3, 2, 1);
  const Recipe recipe = std::move(b).Build(b.Concat({half, b.Input()}));
  EXPECT_THAT(std::string(recipe.Shapes({1, 8, 8, 3}).status().message()),
              HasSubstr("4×4 and 8×8"));
  EXPECT_TRUE(recipe.Shapes({1, 1, 1, 3}).ok());
}

TEST(RecipeTest, IdentityAndZeroAreExact) {
  RecipeBuilder twice(2);
  EXPECT_TRUE(std::move(twice).Build(twice.Identity(twice.Identity(0))).IsIdentity());
  RecipeBuilder input(2);
  EXPECT_TRUE(std::move(input).Build(0).IsIdentity());
  RecipeBuilder relu(2);
  EXPECT_FALSE(std::move(relu).Build(relu.Identity(relu.Relu(0))).IsIdentity());
  RecipeBuilder zero(2);
  EXPECT_TRUE(std::move(zero).Build(zero.Identity(zero.Zero(0, 2))).IsZero());
  // A norm with a shift makes something of nothing.
  RecipeBuilder shifted(2);
  EXPECT_FALSE(std::move(shifted).Build(shifted.BatchNorm("n", shifted.Zero(0, 1), true)).IsZero());
}

TEST(RecipeDeathTest, BrokenRecipesAbort) {
  RecipeBuilder b(2);
  b.BatchNorm("norm", 0, false);
  EXPECT_DEATH(b.Pointwise("norm", 0, 2), "two primitives named norm");
  EXPECT_DEATH(b.Relu(7), "");
  EXPECT_DEATH(b.MaxPool(0, 3, 1, 2), "");
}

}  // namespace
}  // namespace ssnas
