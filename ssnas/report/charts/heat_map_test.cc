#include "ssnas/report/charts/heat_map.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "ssnas/report/testing/xml_check.h"

namespace ssnas::report {
namespace {

HeatMapOptions TwoNodes(int epochs) {
  HeatMapOptions options{.label = "heat", .operations = {"none", "skip_connect"}, .nodes = 2};
  for (int epoch = 0; epoch < epochs; ++epoch) {
    const double share = 0.5 + 0.4 * epoch / epochs;
    options.epochs.push_back(epoch);
    options.weights.push_back(std::vector<std::vector<double>>(5, {1 - share, share}));
  }
  options.chosen = {1, -1, 1, -1, -1};
  return options;
}

TEST(EdgeRowTest, CountsByNodeThenByState) {
  int row = 0;
  for (int to = 2; to < 9; ++to) {
    for (int from = 0; from < to; ++from) EXPECT_EQ(EdgeRow(to, from), row++);
  }
}

TEST(ThinOutTest, KeepsTheFirstAndTheLast) {
  EXPECT_EQ(ThinOut(3, 5), (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(ThinOut(9, 5), (std::vector<int>{0, 2, 4, 6, 8}));
  EXPECT_EQ(ThinOut(600, 48).size(), 48u);
  EXPECT_EQ(ThinOut(600, 48).back(), 599);
  EXPECT_EQ(ThinOut(1, 5), std::vector<int>{0});
  EXPECT_TRUE(ThinOut(0, 5).empty());
}

TEST(AlphaHeatMapTest, OnePanelAnEdgeChosenOnesMarked) {
  const std::string svg = AlphaHeatMap(TwoNodes(10)).str();
  EXPECT_EQ(XmlError(svg), "");
  EXPECT_EQ(CountOf(svg, "class=\"frame\""), 3);
  EXPECT_EQ(CountOf(svg, "class=\"frame chosen\""), 2);
  EXPECT_EQ(CountOf(svg, "class=\"mark\""), 2);
  EXPECT_NE(svg.find("cell k−2 → node 3, last epoch:\nnone 0.140"), std::string::npos);
}

TEST(AlphaHeatMapTest, WeightsThatDoNotChangeAreOneBoxARow) {
  HeatMapOptions options = TwoNodes(40);
  for (auto& epoch : options.weights) epoch = std::vector<std::vector<double>>(5, {0.2, 0.8});
  // Five panels with a path a shade and a box a row: 10 boxes, not 400.
  EXPECT_EQ(CountOf(AlphaHeatMap(options).str(), "Z"), 10);
}

TEST(AlphaHeatMapTest, RefusesWhatDoesNotFit) {
  HeatMapOptions options = TwoNodes(3);
  options.weights[1].pop_back();
  EXPECT_TRUE(AlphaHeatMap(options).empty());
  options = TwoNodes(3);
  options.weights[2][4].push_back(0.1);
  EXPECT_TRUE(AlphaHeatMap(options).empty());
  options = TwoNodes(3);
  options.chosen.clear();
  EXPECT_TRUE(AlphaHeatMap(options).empty());
  EXPECT_TRUE(AlphaHeatMap(TwoNodes(0)).empty());
}

}  // namespace
}  // namespace ssnas::report
