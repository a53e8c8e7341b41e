#include "ssnas/report/charts/timeline.h"

#include <string>

#include "gtest/gtest.h"
#include "ssnas/report/testing/xml_check.h"

namespace ssnas::report {
namespace {

TEST(TimelineTest, ARunOfOneOperationIsOneBar) {
  const TimelineOptions options{.label = "settled",
                                .epochs = {1, 2, 3, 4},
                                .rows = {{.name = "k−2 → 2", .operations = {"a", "a", "b", "b"}},
                                         {.name = "k−1 → 2", .operations = {"", "a", "", ""}}}};
  const std::string svg = Timeline(options, OperationPalette({"a", "b"})).str();
  EXPECT_EQ(XmlError(svg), "");
  EXPECT_EQ(CountOf(svg, "<rect"), 3);
  EXPECT_NE(svg.find("<title>k−2 → 2: b, epoch 3 to 4</title>"), std::string::npos);
  EXPECT_NE(svg.find("<title>k−1 → 2: a, epoch 2</title>"), std::string::npos);
}

TEST(TimelineTest, NoEpochsNoDrawing) {
  EXPECT_TRUE(Timeline({.label = "settled"}, OperationPalette({})).empty());
}

}  // namespace
}  // namespace ssnas::report
