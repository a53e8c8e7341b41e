#include "ssnas/engine/block.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace ssnas {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

CandidatePlan Identity(int64_t channels) {
  RecipeBuilder b(channels);
  return {"skip_connect", std::move(b).Build(b.Identity(0))};
}

CandidatePlan Conv(int64_t in, int64_t out, int stride) {
  RecipeBuilder b(in);
  const int x = b.Pointwise("conv", 0, out, stride);
  return {"conv", std::move(b).Build(b.BatchNorm("norm", x, true))};
}

// Two inputs of 4 and 6 channels; node 2 reads both (one halves), node 3 reads state 2 twice.
BlockPlan Cell() {
  BlockPlan plan{.name = "cells.3", .inputs = 2};
  plan.nodes.push_back(
      {{{.from = 0, .candidates = {Conv(4, 8, 1)}}, {.from = 1, .candidates = {Conv(6, 8, 2)}}}});
  plan.nodes.push_back({{{.from = 2, .candidates = {Identity(8), Conv(8, 8, 1)}, .mixture_row = 0},
                         {.from = 2, .candidates = {Conv(8, 8, 1)}}}});
  plan.concat = {2, 3};
  return plan;
}

const std::vector<Shape4> kInputs = {{2, 4, 4, 4}, {2, 8, 8, 6}};

std::string ShapeError(const BlockPlan& plan, const std::vector<Shape4>& inputs = kInputs) {
  const absl::Status status = plan.Shapes(inputs).status();
  return status.code() == absl::StatusCode::kInvalidArgument ? std::string(status.message())
                                                             : status.ToString();
}

TEST(BlockPlanTest, ShapesOfStatesThenOfTheOutput) {
  const absl::StatusOr<std::vector<Shape4>> shapes = Cell().Shapes(kInputs);
  ASSERT_TRUE(shapes.ok()) << shapes.status();
  EXPECT_EQ(*shapes, (std::vector<Shape4>{
                         {2, 4, 4, 4}, {2, 8, 8, 6}, {2, 4, 4, 8}, {2, 4, 4, 8}, {2, 4, 4, 16}}));
  EXPECT_EQ(Cell().EdgeCount(), 4);
}

TEST(BlockPlanTest, ParametersHaveUniqueNamesInTheOrderOfTheGraph) {
  ParameterLayout weights, statistics;
  Cell().AddParameters(&weights, &statistics);
  std::vector<std::string> names;
  for (const ParameterSpec& spec : weights.specs()) names.push_back(spec.name);
  EXPECT_THAT(
      names,
      ElementsAre("cells.3.edge_0_2.conv.conv.weight", "cells.3.edge_0_2.conv.norm.weight",
                  "cells.3.edge_0_2.conv.norm.bias", "cells.3.edge_1_2.conv.conv.weight",
                  "cells.3.edge_1_2.conv.norm.weight", "cells.3.edge_1_2.conv.norm.bias",
                  "cells.3.edge_2_3.conv.conv.weight", "cells.3.edge_2_3.conv.norm.weight",
                  "cells.3.edge_2_3.conv.norm.bias", "cells.3.edge_2_3_b.conv.conv.weight",
                  "cells.3.edge_2_3_b.conv.norm.weight", "cells.3.edge_2_3_b.conv.norm.bias"));
  EXPECT_EQ(weights.size(), 8 * 4 + 8 * 6 + 2 * 8 * 8 + 4 * 16);
  EXPECT_EQ(statistics.size(), 4 * 16);
  EXPECT_TRUE(statistics.Find("cells.3.edge_2_3_b.conv.norm.running_var").ok());
}

TEST(BlockPlanTest, OneOperationMayBeACandidateTwice) {
  BlockPlan plan{.name = "b", .inputs = 1, .concat = {1}};
  plan.nodes.push_back(
      {{{.from = 0, .candidates = {Conv(2, 2, 1), Conv(2, 2, 1)}, .mixture_row = 0}}});
  EXPECT_EQ(plan.CandidatePrefix(0, 0, 0), "b.edge_0_1.conv.");
  EXPECT_EQ(plan.CandidatePrefix(0, 0, 1), "b.edge_0_1.conv_b.");
}

TEST(BlockPlanTest, RefusesPlansThatDoNotFitTogether) {
  EXPECT_THAT(ShapeError(Cell(), {kInputs[0]}), HasSubstr("'cells.3' takes 2 inputs, not 1"));
  EXPECT_THAT(ShapeError(Cell(), {kInputs[0], {2, 4, 4, 6}}),
              HasSubstr("node 2: the edge from state 1 gives 2×2×2×8, those before 2×4×4×8"));
  EXPECT_THAT(ShapeError(Cell(), {kInputs[1], kInputs[1]}),
              HasSubstr("node 2: conv from state 0: an input of N×H×W×C = 2×8×8×6"));
  BlockPlan plan = Cell();
  plan.nodes[0].edges[0].from = 2;
  EXPECT_THAT(ShapeError(plan), HasSubstr("from state 2, which does not come before it"));
  plan = Cell();
  plan.nodes[1].edges[0].candidates[1] = Conv(8, 8, 2);
  EXPECT_THAT(ShapeError(plan), HasSubstr("conv from state 2 gives 2×2×2×8, skip_connect 2×4×4×8"));
  plan = Cell();
  plan.nodes[1].edges[0].mixture_row = -1;
  EXPECT_THAT(ShapeError(plan), HasSubstr("2 candidates and mixture row -1"));
  plan = Cell();
  plan.nodes[1].edges.clear();
  EXPECT_THAT(ShapeError(plan), HasSubstr("node 3: it has no edges"));
  plan = Cell();
  plan.concat = {2, 4};
  EXPECT_THAT(ShapeError(plan), HasSubstr("concatenates state 4, of 4 states"));
  plan.concat = {1, 2};
  EXPECT_THAT(ShapeError(plan), HasSubstr("different sizes: 2×8×8×6 and 2×4×4×8"));
  plan.concat = {};
  EXPECT_THAT(ShapeError(plan), HasSubstr("concatenates no state"));
}

}  // namespace
}  // namespace ssnas
