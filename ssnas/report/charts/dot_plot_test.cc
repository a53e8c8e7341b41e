#include "ssnas/report/charts/dot_plot.h"

#include <string>

#include "gtest/gtest.h"
#include "ssnas/report/testing/xml_check.h"

namespace ssnas::report {
namespace {

DotPlotOptions Options(double chance) {
  return {.label = "dots",
          .x_title = "accuracy (%)",
          .unit = " %",
          .chance = chance,
          .chance_name = "chance"};
}

DotRow Row(std::vector<double> values) {
  DotRow row{.name = "random cells"};
  for (const double value : values) {
    row.dots.push_back(
        {.value = value, .interval = Interval{value - 1, value + 1}, .hover = "seed"});
  }
  return row;
}

TEST(DotPlotTest, OneNetworkHasNoMeanSeveralHave) {
  EXPECT_EQ(CountOf(DotPlot(Options(10), {Row({84})}).str(), "class=\"mean\""), 0);
  const std::string svg = DotPlot(Options(10), {Row({80, 84})}).str();
  EXPECT_EQ(XmlError(svg), "");
  EXPECT_EQ(CountOf(svg, "class=\"mean\""), 1);
  EXPECT_NE(svg.find(">82.0 %<"), std::string::npos);
  EXPECT_EQ(CountOf(svg, "<circle"), 2);
  EXPECT_EQ(CountOf(svg, "interval"), 2);
}

TEST(DotPlotTest, FarChanceIsNamedNearChanceIsDrawn) {
  EXPECT_NE(DotPlot(Options(10), {Row({84})}).str().find("← chance 10.0 %"), std::string::npos);
  EXPECT_NE(DotPlot(Options(99), {Row({2.5})}).str().find("chance 99.0 % →"), std::string::npos);
  EXPECT_NE(DotPlot(Options(10), {Row({9, 12})}).str().find("class=\"level\""), std::string::npos);
}

TEST(DotPlotTest, EqualDotsAreBothSeen) {
  const std::string svg = DotPlot(Options(10), {Row({84, 84})}).str();
  const size_t first = svg.find(" cy=\"");
  const size_t second = svg.find(" cy=\"", first + 1);
  EXPECT_NE(svg.substr(first, 10), svg.substr(second, 10));
}

TEST(DotPlotTest, NothingToDraw) { EXPECT_TRUE(DotPlot(Options(10), {Row({})}).empty()); }

}  // namespace
}  // namespace ssnas::report
