#include "ssnas/ops/none/none.h"

#include <gtest/gtest.h>

#include <memory>

#include "ssnas/ops/none/none.pb.h"

namespace ssnas {
namespace {

absl::StatusOr<Recipe> Build(const OperationContext& context) {
  return (*NoneOperation::Create(NoneConfig()))->BuildRecipe(context);
}

TEST(NoneTest, IsZeroInEveryPhase) {
  for (const Phase phase : {Phase::kSearch, Phase::kDerived}) {
    const absl::StatusOr<Recipe> recipe = Build({.phase = phase, .stride = 2, .channels = 4});
    ASSERT_TRUE(recipe.ok()) << recipe.status();
    EXPECT_EQ(recipe->DebugString(),
              "0 = input -> 4\n"
              "1 = zero s2 (0) -> 4\n"
              "output 1\n");
    EXPECT_TRUE(recipe->IsZero());
    EXPECT_FALSE(recipe->IsIdentity());
    EXPECT_TRUE(recipe->Parameters().empty());
    EXPECT_EQ(recipe->MultiplyAdds({1, 5, 5, 4}).value(), 0);
    EXPECT_EQ(recipe->Shapes({1, 5, 4, 4})->back(), (Shape4{1, 3, 2, 4}));
  }
}

}  // namespace
}  // namespace ssnas
