#include "ssnas/networks/network_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ssnas/networks/darts_space.h"
#include "ssnas/networks/genotype.h"
#include "ssnas/ops/common_recipes.h"

namespace ssnas {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Two nodes, all kinds of edges.
Architecture TestCell() {
  return ParseArchitecture(
             "Genotype(normal=[('sep_conv_3x3', 0), ('skip_connect', 1), ('dil_conv_5x5', 2), "
             "('skip_connect', 0)], normal_concat=[2, 3], reduce=[('max_pool_3x3', 0), "
             "('skip_connect', 1), ('sep_conv_5x5', 2), ('skip_connect', 2)], reduce_concat=[3])",
             "test")
      .value();
}

std::vector<std::string> Names(const NetworkPlan& plan) {
  std::vector<std::string> names;
  for (const PlannedBlock& block : plan.blocks) names.push_back(block.plan.name);
  return names;
}

std::vector<std::vector<int>> Inputs(const NetworkPlan& plan) {
  std::vector<std::vector<int>> inputs;
  for (const PlannedBlock& block : plan.blocks) inputs.push_back(block.inputs);
  return inputs;
}

std::string Message(const absl::StatusOr<NetworkPlan>& plan) {
  EXPECT_EQ(plan.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(plan.status().message());
}

TEST(IsReductionTest, AtAThirdAndTwoThirds) {
  const auto reductions = [](int cells) {
    std::vector<int> at;
    for (int cell = 0; cell < cells; ++cell) {
      if (IsReduction(cell, cells)) at.push_back(cell);
    }
    return at;
  };
  EXPECT_THAT(reductions(20), ElementsAre(6, 13));
  EXPECT_THAT(reductions(8), ElementsAre(2, 5));
  EXPECT_THAT(reductions(14), ElementsAre(4, 9));
  EXPECT_THAT(reductions(3), ElementsAre(1, 2));
  EXPECT_THAT(reductions(2), ElementsAre(0, 1));
  EXPECT_THAT(reductions(1), ElementsAre(0));
}

TEST(PlanSupernetTest, CellsAreJoinedAsInDarts) {
  const NetworkPlan plan = PlanSupernet(DartsSpace(), 8, 16, 3).value();
  EXPECT_THAT(Names(plan), ElementsAre("stem", "cells.0", "cells.1", "cells.2", "cells.3",
                                       "cells.4", "cells.5", "cells.6", "cells.7"));
  EXPECT_THAT(Inputs(plan), ElementsAre(ElementsAre(kImages), ElementsAre(0, 0), ElementsAre(0, 1),
                                        ElementsAre(1, 2), ElementsAre(2, 3), ElementsAre(3, 4),
                                        ElementsAre(4, 5), ElementsAre(5, 6), ElementsAre(6, 7)));
  EXPECT_EQ(plan.output, 8);
  EXPECT_EQ(plan.auxiliary, -1);
  std::vector<int> alphas;
  for (const PlannedBlock& block : plan.blocks) alphas.push_back(block.alphas);
  EXPECT_THAT(alphas, ElementsAre(-1, 0, 0, 1, 0, 0, 1, 0, 0));
  const std::vector<Shape4> shapes = plan.Shapes({2, 32, 32, 3}).value();
  EXPECT_EQ(shapes[0], (Shape4{2, 32, 32, 48}));
  EXPECT_EQ(shapes[2], (Shape4{2, 32, 32, 64}));
  EXPECT_EQ(shapes[3], (Shape4{2, 16, 16, 128}));
  EXPECT_EQ(shapes[8], (Shape4{2, 8, 8, 256}));
  EXPECT_THAT(plan.OutputChannels().value(), ElementsAre(48, 64, 64, 128, 128, 128, 256, 256, 256));
}

TEST(PlanSupernetTest, RowsOfTheMixtureAreByNodeThenState) {
  const NetworkPlan plan = PlanSupernet(DartsSpace(), 8, 16, 3).value();
  EXPECT_EQ(plan.mixture_rows, 14);
  EXPECT_EQ(plan.mixture_columns, 8);
  for (const int block : {1, 3}) {
    const BlockPlan& cell = plan.blocks[block].plan;
    ASSERT_EQ(cell.nodes.size(), 6u);
    int row = 0;
    for (int node = 2; node < 6; ++node) {
      for (int from = 0; from < node; ++from) {
        const EdgePlan& edge = cell.nodes[node].edges[from];
        EXPECT_EQ(edge.mixture_row, row++);
        EXPECT_EQ(edge.from, from + 2);
        EXPECT_EQ(edge.candidates.size(), 8u);
        EXPECT_FALSE(edge.drop_path);
        // Identity only where nothing is halved.
        EXPECT_EQ(edge.candidates[3].recipe.IsIdentity(), block == 1 || from > 1);
      }
    }
    EXPECT_THAT(cell.concat, ElementsAre(4, 5, 6, 7));
    EXPECT_EQ(cell.nodes[0].edges[0].mixture_row, -1);
  }
}

TEST(PlanSupernetTest, PreprocessingHalvesBehindAReduction) {
  const NetworkPlan plan = PlanSupernet(DartsSpace(), 8, 16, 3).value();
  const auto first = [&](int block) {
    return plan.blocks[block].plan.nodes[0].edges[0].candidates[0].recipe.DebugString();
  };
  EXPECT_EQ(first(2), ReluConvBn(48, 16, 1, 1, 0, false).DebugString());
  EXPECT_EQ(first(3), ReluConvBn(64, 32, 1, 1, 0, false).DebugString());
  EXPECT_EQ(first(4), FactorizedReduce(64, 32, false)->DebugString());
  EXPECT_EQ(first(5), ReluConvBn(128, 32, 1, 1, 0, false).DebugString());
  EXPECT_EQ(first(7), FactorizedReduce(128, 64, false)->DebugString());
}

TEST(PlanSupernetTest, OneAndTwoCells) {
  const NetworkPlan one = PlanSupernet(DartsSpace(), 1, 4, 3).value();
  EXPECT_EQ(one.blocks[1].alphas, 1);
  EXPECT_EQ(one.Shapes({1, 8, 8, 3})->back(), (Shape4{1, 4, 4, 32}));
  const NetworkPlan two = PlanSupernet(DartsSpace(), 2, 4, 3).value();
  EXPECT_EQ(two.Shapes({1, 8, 8, 3})->back(), (Shape4{1, 2, 2, 64}));
}

TEST(PlanSupernetTest, RefusesNonsense) {
  SearchSpace space = DartsSpace();
  EXPECT_THAT(Message(PlanSupernet(space, 0, 16, 3)), HasSubstr("0 cells; there can be 1 to 1000"));
  EXPECT_THAT(Message(PlanSupernet(space, 8, -1, 3)), HasSubstr("-1 channels"));
  EXPECT_THAT(Message(PlanSupernet(space, 8, 2'000'000'000, 3)), HasSubstr("channels; there can"));
  EXPECT_THAT(Message(PlanSupernet(space, 8, 16, 0)), HasSubstr("0 image channels"));
  space.set_nodes(65);
  EXPECT_THAT(Message(PlanSupernet(space, 8, 16, 3)), HasSubstr("65 nodes"));
  space = DartsSpace();
  space.add_candidate()->set_name("none");
  EXPECT_THAT(Message(PlanSupernet(space, 8, 16, 3)), HasSubstr("'none' twice"));
  EXPECT_THAT(Message(PlanSupernet(SearchSpace(), 8, 16, 3)), HasSubstr("no operation"));
  space.mutable_candidate(8)->set_name("sep_conv");
  EXPECT_THAT(PlanSupernet(space, 8, 16, 3).status().message(),
              HasSubstr("no operation 'sep_conv'"));
}

TEST(PlanDerivedTest, EdgesStridesAndDropPath) {
  const NetworkPlan plan = PlanDerived(TestCell(), {.cells = 3, .channels = 4}).value();
  const BlockPlan& normal = plan.blocks[1].plan;
  ASSERT_EQ(normal.nodes.size(), 4u);
  EXPECT_THAT(normal.concat, ElementsAre(4, 5));
  EXPECT_EQ(normal.nodes[2].edges[0].from, 2);
  EXPECT_TRUE(normal.nodes[2].edges[0].drop_path);
  EXPECT_TRUE(normal.nodes[2].edges[1].candidates[0].recipe.IsIdentity());
  EXPECT_FALSE(normal.nodes[2].edges[1].drop_path);
  EXPECT_FALSE(normal.nodes[0].edges[0].drop_path);
  const BlockPlan& reduction = plan.blocks[2].plan;
  EXPECT_THAT(reduction.concat, ElementsAre(5));
  // A skip that halves is a FactorizedReduce, which may be dropped.
  EXPECT_TRUE(reduction.nodes[2].edges[1].drop_path);
  EXPECT_FALSE(reduction.nodes[3].edges[1].drop_path);
  EXPECT_EQ(plan.mixture_rows, 0);
  EXPECT_EQ(plan.blocks[1].alphas, -1);
}

TEST(PlanDerivedTest, ChannelsFollowTheNumberOfStatesInEachOutput) {
  const NetworkPlan plan = PlanDerived(TestCell(), {.cells = 6, .channels = 4}).value();
  // Normal cells join two states, reduction cells one; channels double at cells 2 and 4.
  EXPECT_THAT(plan.OutputChannels().value(), ElementsAre(12, 8, 8, 8, 16, 16, 32));
  EXPECT_EQ(plan.Shapes({1, 32, 32, 3})->back(), (Shape4{1, 8, 8, 32}));
}

TEST(PlanDerivedTest, ImageNetStemByImageSizeOrByName) {
  DerivedOptions options{.cells = 3, .channels = 8, .image_size = 128};
  const NetworkPlan plan = PlanDerived(TestCell(), options).value();
  EXPECT_THAT(Names(plan), ElementsAre("stem0", "stem1", "cells.0", "cells.1", "cells.2"));
  EXPECT_THAT(Inputs(plan), ElementsAre(ElementsAre(kImages), ElementsAre(0), ElementsAre(0, 1),
                                        ElementsAre(1, 2), ElementsAre(2, 3)));
  // stem1 has halved what stem0 gives, as a reduction cell would have.
  EXPECT_EQ(plan.blocks[2].plan.nodes[0].edges[0].candidates[0].recipe.DebugString(),
            FactorizedReduce(8, 8, true)->DebugString());
  EXPECT_EQ(plan.Shapes({1, 128, 128, 3})->at(2), (Shape4{1, 16, 16, 16}));
  options.image_size = 127;
  EXPECT_EQ(PlanDerived(TestCell(), options)->blocks[0].plan.name, "stem");
  options.stem = NetworkSpec::IMAGENET;
  EXPECT_EQ(PlanDerived(TestCell(), options)->blocks[0].plan.name, "stem0");
  options = {.cells = 3, .channels = 8, .image_size = 224, .stem = NetworkSpec::CIFAR};
  EXPECT_EQ(PlanDerived(TestCell(), options)->blocks[0].plan.name, "stem");
}

TEST(PlanDerivedTest, AuxiliaryHeadBehindTheSecondReduction) {
  DerivedOptions options{.cells = 6, .channels = 4, .auxiliary = true};
  const NetworkPlan plan = PlanDerived(TestCell(), options).value();
  EXPECT_EQ(plan.output, 6);
  EXPECT_EQ(plan.auxiliary, 7);
  EXPECT_THAT(plan.blocks[7].inputs, ElementsAre(5));
  EXPECT_EQ(plan.Shapes({1, 32, 32, 3})->at(7), (Shape4{1, 1, 1, 768}));
  EXPECT_EQ(plan.blocks[7].plan.nodes[0].edges[0].candidates[0].recipe.DebugString(),
            AuxiliaryHead(16, 8, AuxiliaryNorm::kBoth)->DebugString());
  options.image_size = 224;
  EXPECT_EQ(PlanDerived(TestCell(), options)
                ->blocks[8]
                .plan.nodes[0]
                .edges[0]
                .candidates[0]
                .recipe.DebugString(),
            AuxiliaryHead(16, 7, AuxiliaryNorm::kFirstOnly)->DebugString());
  options.image_size = 4;
  EXPECT_THAT(Message(PlanDerived(TestCell(), options)), HasSubstr("larger images"));
}

TEST(PlanDerivedTest, RefusesNonsense) {
  EXPECT_THAT(Message(PlanDerived(Architecture(), {})), HasSubstr("normal cell: it has no edges"));
  EXPECT_THAT(Message(PlanDerived(TestCell(), {.cells = 0})), HasSubstr("0 cells"));
  EXPECT_THAT(Message(PlanDerived(TestCell(), {.image_size = -3})), HasSubstr("-3×-3 pixels"));
  EXPECT_THAT(Message(PlanDerived(TestCell(), {.channels = 1, .image_size = 128})),
              HasSubstr("at least 2 channels"));
  Architecture cell = TestCell();
  cell.mutable_reduction()->mutable_edge(1)->mutable_operation()->set_name("what");
  EXPECT_THAT(Message(PlanDerived(cell, {})),
              HasSubstr("cells.6, what from state 1 to 2: no operation 'what'"));
}

TEST(OutputChannelsTest, NamesTheBlockThatDoesNotFit) {
  const NetworkPlan plan = PlanSupernet(DartsSpace(), 3, 4, 3).value();
  const auto message = [](const NetworkPlan& broken) {
    EXPECT_FALSE(broken.Shapes({1, 8, 8, 3}).ok());
    return std::string(broken.OutputChannels().status().message());
  };
  NetworkPlan broken = plan;
  broken.blocks[1].inputs = {0, 2};
  EXPECT_THAT(message(broken), HasSubstr("'cells.0': it reads block 2"));
  broken = plan;
  broken.blocks[2].inputs = {0};
  EXPECT_THAT(message(broken), HasSubstr("'cells.1': 2 inputs, joined to 1"));
  broken = plan;
  broken.blocks[2].inputs = {1, 0};
  EXPECT_THAT(message(broken), HasSubstr("takes 12 channels, state 0 has 16"));
  broken = plan;
  broken.blocks[3].alphas = -1;
  EXPECT_THAT(message(broken), HasSubstr("'cells.2': mixture row 0"));
  broken = plan;
  broken.output = 9;
  EXPECT_THAT(message(broken), HasSubstr("output 9"));
  broken = plan;
  broken.blocks[1].plan.concat = {9};
  EXPECT_THAT(message(broken), HasSubstr("its output holds state 9 of 8"));
}

}  // namespace
}  // namespace ssnas
