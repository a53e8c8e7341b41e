#include "ssnas/ops/squeeze_excite/squeeze_excite.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ssnas/engine/block.h"
#include "ssnas/engine/reference/reference_engine.h"
#include "ssnas/engine/testing/block_runner.h"
#include "ssnas/ops/squeeze_excite/squeeze_excite.pb.h"

namespace ssnas {
namespace {

absl::StatusOr<Recipe> Build(int reduction, const OperationContext& context) {
  SqueezeExciteConfig config;
  config.set_reduction(reduction);
  const absl::StatusOr<std::unique_ptr<Operation>> operation = SqueezeExcite::Create(config);
  if (!operation.ok()) return operation.status();
  return (*operation)->BuildRecipe(context);
}

TEST(SqueezeExciteTest, PoolsGatesAndNormalises) {
  EXPECT_EQ(Build(4, {.phase = Phase::kDerived, .stride = 2, .channels = 8})->DebugString(),
            "0 = input -> 8\n"
            "1 = avg_pool k3 s2 p1 (0) -> 8\n"
            "2 = module s1 (1) -> 8 [gate]\n"
            "3 = batch_norm affine (2) -> 8 [norm]\n"
            "output 3\n");
  EXPECT_EQ(Build(4, {.phase = Phase::kSearch, .stride = 1, .channels = 8})->DebugString(),
            "0 = input -> 8\n"
            "1 = module s1 (0) -> 8 [gate]\n"
            "2 = batch_norm (1) -> 8 [norm]\n"
            "output 2\n");
}

TEST(SqueezeExciteTest, ItsTensorsAreTheGates) {
  const Recipe recipe = *Build(4, {.channels = 8});
  const std::vector<ParameterSpec> specs = recipe.Parameters();
  ASSERT_EQ(specs.size(), 4u);
  EXPECT_EQ(specs[0].name, "gate.squeeze.weight");
  EXPECT_EQ(specs[0].shape, (std::vector<int64_t>{2, 8}));
  EXPECT_EQ(specs[0].init, Init::kUniformFanIn);
  EXPECT_EQ(specs[0].fan_in, 8);
  EXPECT_EQ(specs[1].name, "gate.squeeze.bias");
  EXPECT_EQ(specs[1].init, Init::kZeros);
  EXPECT_EQ(specs[2].shape, (std::vector<int64_t>{8, 2}));
  EXPECT_EQ(specs[3].shape, (std::vector<int64_t>{8}));
  EXPECT_EQ(recipe.RunningStatistics().size(), 2u);  // the norm's
}

// The banner's 2CD + C + D parameters, and 2CD + HWC multiply-adds an image.
TEST(SqueezeExciteTest, CostsWhatItsBannerSays) {
  const int64_t c = 16, d = 4;
  const Recipe recipe = *Build(4, {.channels = c});
  int64_t count = 0;
  for (const ParameterSpec& spec : recipe.Parameters()) count += spec.count();
  EXPECT_EQ(count, 2 * c * d + c + d);
  EXPECT_EQ(recipe.MultiplyAdds({3, 8, 6, c}).value(), 3 * (2 * c * d + 8 * 6 * c));
}

// The formula of the banner in plain loops, for the module alone: the norm is the recipes' own.
TEST(SqueezeExciteTest, IsTheFormulaOfItsBanner) {
  const Recipe whole = *Build(2, {.channels = 4});
  RecipeBuilder b(4);
  const int y = b.Module("gate", b.Input(), whole.primitives()[1].module, 4);
  BlockPlan plan{.name = "block", .concat = {1}};
  plan.nodes.push_back({{{.candidates = {{"gate", std::move(b).Build(y)}}}}});
  const Shape4 shape{2, 3, 3, 4};
  const BlockData data = RandomBlockData(plan, {shape}, 1);
  SetReferenceThreads(1);
  const auto engine = MakeReferenceEngine<double>();
  const auto runner = *BlockRunner<double>::Create(*engine, plan, data);
  ASSERT_EQ(runner->Forward(NormMode::kBatch, kNoGradients), absl::OkStatus());
  const std::vector<double> output = runner->output();
  const double* w1 = data.weights.data();  // 2×4, then 2, 4×2, 4
  const double *b1 = w1 + 8, *w2 = b1 + 2, *b2 = w2 + 8;
  for (int64_t n = 0; n < shape.n; ++n) {
    const double* x = data.inputs[0].data() + n * 36;
    double hidden[2];
    for (int d = 0; d < 2; ++d) {
      hidden[d] = b1[d];
      for (int i = 0; i < 36; ++i) hidden[d] += w1[d * 4 + i % 4] * x[i] / 9;
      hidden[d] = std::max(hidden[d], 0.0);
    }
    for (int i = 0; i < 36; ++i) {
      const double z = w2[i % 4 * 2] * hidden[0] + w2[i % 4 * 2 + 1] * hidden[1] + b2[i % 4];
      EXPECT_NEAR(output[n * 36 + i], x[i] / (1 + std::exp(-z)), 1e-12);  // tolerance: float64
    }
  }
}

TEST(SqueezeExciteTest, RefusesReductionsOutOfRange) {
  for (const int reduction : {-1, 0, 65}) {
    const absl::Status status = Build(reduction, {.channels = 4}).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << reduction;
    EXPECT_EQ(status.message(),
              "squeeze_excite: reduction " + std::to_string(reduction) + "; give one from 1 to 64");
  }
}

}  // namespace
}  // namespace ssnas
