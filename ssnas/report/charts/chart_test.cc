#include "ssnas/report/charts/chart.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "gtest/gtest.h"
#include "ssnas/report/testing/xml_check.h"

namespace ssnas::report {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

Curve Line(std::vector<double> y) {
  Curve curve{.name = "loss"};
  for (size_t i = 0; i < y.size(); ++i) curve.x.push_back(static_cast<double>(i + 1));
  curve.y = std::move(y);
  return curve;
}

ChartOptions Options() {
  return {.label = "Loss over steps", .x_title = "search step", .y_title = "NT-Xent"};
}

TEST(DownsampleTest, KeepsSpikesAndIsShort) {
  std::vector<double> y(1000000, 1.0);
  y[123456] = 77;
  y[765432] = -5;
  const Curve small = Downsample(Line(y));
  EXPECT_LE(small.x.size(), 2u * kBuckets);
  const auto high = std::find(small.y.begin(), small.y.end(), 77);
  ASSERT_NE(high, small.y.end());
  EXPECT_EQ(small.x[high - small.y.begin()], 123457);
  EXPECT_NE(std::find(small.y.begin(), small.y.end(), -5), small.y.end());
  EXPECT_TRUE(std::is_sorted(small.x.begin(), small.x.end()));
}

TEST(DownsampleTest, LeavesShortSeriesAlone) {
  const Curve curve = Line({3, kNone, 1});
  EXPECT_EQ(Downsample(curve).x, curve.x);
}

TEST(LineChartTest, HasAxesTitlesAndLegend) {
  const std::string svg = LineChart(Options(), {Line({3, 2, 1})}).str();
  EXPECT_EQ(XmlError(svg), "");
  for (const char* part :
       {"search step", "NT-Xent", ">loss<", "role=\"img\"", "aria-label=\"Loss over steps\""}) {
    EXPECT_NE(svg.find(part), std::string::npos) << part;
  }
}

TEST(LineChartTest, AHugeSeriesMakesASmallDrawing) {
  std::vector<double> y;
  for (int i = 0; i < 300000; ++i) y.push_back(std::sin(i * 0.37));
  EXPECT_LT(LineChart(Options(), {Line(y)}).str().size(), 20000u);
}

TEST(LineChartTest, AGapBreaksTheLine) {
  const std::string svg = LineChart(Options(), {Line({3, 2, kNone, 1, 2})}).str();
  const size_t path = svg.find(" d=\"");
  ASSERT_NE(path, std::string::npos);
  EXPECT_EQ(CountOf(svg.substr(path, svg.find('"', path + 4) - path), "M"), 2);
  EXPECT_EQ(svg.find("nan"), std::string::npos);
}

TEST(LineChartTest, SurvivesNothingOnePointAndInfinities) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const std::vector<double>& y : std::vector<std::vector<double>>{
           {}, {kNone}, {2}, {infinity, -infinity}, {5, 5, 5}, {1e300, -1e300}}) {
    const std::string svg = LineChart(Options(), {Line(y)}).str();
    EXPECT_EQ(XmlError(svg), "");
    EXPECT_EQ(svg.find("inf"), std::string::npos);
  }
  EXPECT_NE(LineChart(Options(), {}).str().find("no values yet"), std::string::npos);
}

}  // namespace
}  // namespace ssnas::report
