#include "ssnas/report/charts/cell_layout.h"

#include <cmath>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace ssnas::report {
namespace {

using Links = std::vector<std::pair<int, int>>;

TEST(CellLayoutTest, ColumnsAreTheLongestWaysFromAnInput) {
  // 2 reads the inputs, 3 reads 2, 4 reads an input; 5 is the output.
  const CellLayout layout =
      LayOutCell(5, Links{{0, 2}, {1, 2}, {2, 3}, {0, 3}, {0, 4}, {1, 4}, {2, 5}, {3, 5}, {4, 5}},
                 std::vector<double>(6, 10), 5);
  EXPECT_EQ(layout.column, (std::vector<int>{0, 0, 1, 2, 1, 3}));
  EXPECT_EQ(layout.columns, 4);
}

TEST(CellLayoutTest, ALinkHasAPlaceInEachColumnThatItPasses) {
  const CellLayout layout =
      LayOutCell(4, Links{{0, 2}, {2, 3}, {0, 3}, {3, 4}, {2, 4}}, std::vector<double>(5, 10), 5);
  EXPECT_TRUE(layout.route[0].empty());
  ASSERT_EQ(layout.route[2].size(), 1u);
  EXPECT_EQ(layout.route[2][0].x, 1);
  ASSERT_EQ(layout.route[4].size(), 1u);
  EXPECT_EQ(layout.route[4][0].x, 2);
}

TEST(CellLayoutTest, NothingOverlaps) {
  Links links;
  for (int to = 2; to < 8; ++to) {
    for (int from = 0; from < to; ++from) links.emplace_back(from, to);
    links.emplace_back(to, 8);
  }
  const CellLayout layout = LayOutCell(8, links, std::vector<double>(9, 20), 8);
  std::vector<std::vector<std::pair<double, double>>> taken(layout.columns);  // centre, height
  for (int state = 0; state <= 8; ++state)
    taken[layout.column[state]].emplace_back(layout.y[state], 20);
  for (const auto& route : layout.route) {
    for (const Point& place : route) taken[static_cast<int>(place.x)].emplace_back(place.y, 8);
  }
  for (const auto& column : taken) {
    for (size_t a = 0; a < column.size(); ++a) {
      for (size_t b = a + 1; b < column.size(); ++b) {
        const double apart = (column[a].second + column[b].second) / 2;
        EXPECT_GE(std::fabs(column[a].first - column[b].first), apart * (1 - 1e-12));
      }
    }
  }
}

TEST(CellLayoutTest, TurnsNodesSoThatLinesDoNotCross) {
  // 2 reads only the lower input and 3 the upper one: in the order of their numbers the lines would
  // cross.
  const CellLayout layout =
      LayOutCell(4, Links{{1, 2}, {0, 3}, {2, 4}, {3, 4}}, std::vector<double>(5, 10), 5);
  EXPECT_GT(layout.y[2], layout.y[3]);
}

}  // namespace
}  // namespace ssnas::report
