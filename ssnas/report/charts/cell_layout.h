// Where the parts of a cell go when it is drawn from left to right.
//
// Nodes stand in columns by their longest way from an input; an edge that skips columns gets a
// place of its own in each of them, so that no line runs through a node. The order within the
// columns is that of the fewest crossings seen in a few sweeps of the barycentre rule (Sugiyama,
// 1981).
#ifndef SSNAS_REPORT_CHARTS_CELL_LAYOUT_H_
#define SSNAS_REPORT_CHARTS_CELL_LAYOUT_H_

#include <utility>
#include <vector>

namespace ssnas::report {

struct Point {
  double x = 0;
  double y = 0;
};

struct CellLayout {
  int columns = 0;          // inputs in column 0, the output in the last one
  double height = 0;        // in slots: see LayOutCell
  std::vector<int> column;  // of each state, the output after the last one
  std::vector<double> y;    // the same, centre
  // For each link, the centres of the places it passes, one in each column between its ends.
  std::vector<std::vector<Point>> route;  // x is the column
};

// `links`: pairs (from, to) of states, 0 and 1 are inputs; `states` is the output, to which every
// link of the concatenation goes. A link's `from` is less than its `to`. `size`: height of each
// state and of the output; `lane`: height that a passing link takes.
CellLayout LayOutCell(int states, const std::vector<std::pair<int, int>>& links,
                      const std::vector<double>& size, double lane);

}  // namespace ssnas::report

#endif  // SSNAS_REPORT_CHARTS_CELL_LAYOUT_H_
