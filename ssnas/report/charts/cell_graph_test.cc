#include "ssnas/report/charts/cell_graph.h"

#include <string>

#include "gtest/gtest.h"
#include "ssnas/report/testing/xml_check.h"

namespace ssnas::report {
namespace {

CellDrawing Small() {
  return {.label = "a cell",
          .nodes = 2,
          .edges = {{.from = 0, .to = 2, .operation = "sep_conv_3x3", .width = 3, .hover = "h1"},
                    {.from = 1, .to = 2, .operation = "sep_conv_5x5", .width = 1},
                    {.from = 2, .to = 3, .operation = "skip_connect", .width = 7},
                    {.from = 2, .to = 3, .operation = "max_pool_3x3", .width = 2}},
          .concat = {2, 3}};
}

TEST(CellGraphTest, DrawsEveryEdgeAndState) {
  const std::string svg =
      CellGraph(Small(),
                OperationPalette({"sep_conv_3x3", "sep_conv_5x5", "skip_connect", "max_pool_3x3"}))
          .str();
  EXPECT_EQ(XmlError(svg), "");
  EXPECT_EQ(CountOf(svg, "class=\"edge "), 4);
  EXPECT_EQ(CountOf(svg, "class=\"concat\""), 2);
  EXPECT_EQ(CountOf(svg, "<rect"), 5);  // two inputs, two nodes, the output
  EXPECT_EQ(CountOf(svg, "stroke-width=\"7\""), 1);
  EXPECT_EQ(CountOf(svg, "<title>h1</title>"), 2);  // of the line and of its label
  // One kind, one colour; the second size is dashed.
  EXPECT_EQ(CountOf(svg, "class=\"edge s0\""), 1);
  EXPECT_EQ(CountOf(svg, "class=\"edge s0 dashed\""), 1);
}

TEST(CellGraphTest, TwoEdgesBetweenTheSameStatesEndApart) {
  const std::string svg = CellGraph(Small(), OperationPalette({})).str();
  const auto label_y = [&](const char* operation) {
    const size_t text = svg.rfind("<text", svg.find(std::string(">") + operation + "<"));
    const size_t y = svg.find(" y=\"", text) + 4;
    return svg.substr(y, svg.find('"', y) - y);
  };
  EXPECT_NE(label_y("skip_connect"), label_y("max_pool_3x3"));
}

TEST(CellGraphTest, RefusesWhatCannotBeDrawn) {
  CellDrawing cell = Small();
  cell.edges[0].from = 5;
  EXPECT_FALSE(CanDraw(cell));
  EXPECT_TRUE(CellGraph(cell, OperationPalette({})).empty());
  cell = Small();
  cell.edges[0].from = -1;
  EXPECT_FALSE(CanDraw(cell));
  cell = Small();
  cell.concat = {9};
  EXPECT_FALSE(CanDraw(cell));
  cell = Small();
  cell.nodes = 1000000;
  EXPECT_FALSE(CanDraw(cell));
  EXPECT_FALSE(CanDraw(CellDrawing{}));
}

TEST(OperationPaletteTest, KindsTakeColoursInOrderAndNoneIsGrey) {
  OperationPalette palette({"none", "max_pool_3x3", "conv_1x7", "conv_7x1", "conv_3", "my_op"});
  EXPECT_EQ(palette.StyleOf("none").color, kGreyColor);
  EXPECT_EQ(palette.StyleOf("max_pool_3x3").color, 0);
  EXPECT_EQ(palette.StyleOf("conv_1x7").color, 1);
  EXPECT_EQ(palette.StyleOf("conv_1x7").variant, 0);
  EXPECT_EQ(palette.StyleOf("conv_7x1").color, 1);
  EXPECT_EQ(palette.StyleOf("conv_7x1").variant, 1);
  EXPECT_EQ(palette.StyleOf("conv_3").variant, 2);
  EXPECT_EQ(palette.StyleOf("my_op").color, 2);
  EXPECT_EQ(palette.StyleOf("unknown").color, kGreyColor);
  palette.KeepOnly({"my_op"});
  EXPECT_EQ(palette.operations(), std::vector<std::string>{"my_op"});
  EXPECT_EQ(palette.StyleOf("conv_7x1").variant, 1);
}

}  // namespace
}  // namespace ssnas::report
