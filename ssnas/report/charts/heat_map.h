// softmax(α) over time as small multiples: a panel an edge, in it a row an operation and a column
// an epoch.
//
// Panels stand in the row of the node they feed and the column of the state they read. The shade
// goes from the lowest to the highest weight of the cell in kShades steps.
#ifndef SSNAS_REPORT_CHARTS_HEAT_MAP_H_
#define SSNAS_REPORT_CHARTS_HEAT_MAP_H_

#include <string>
#include <vector>

#include "ssnas/report/markup.h"

namespace ssnas::report {

inline constexpr int kShades = 12;
inline constexpr int kMaxHeatColumns = 48;  // more epochs are thinned out evenly
inline constexpr int kMaxHeatNodes = 8;

struct HeatMapOptions {
  std::string label = {};
  std::vector<std::string> operations = {};
  int nodes = 0;
  std::vector<int> epochs = {};  // as read: 0, 1, …
  // [epoch][edge][operation], each EdgeRow(nodes + 2, 0) edges.
  std::vector<std::vector<std::vector<double>>> weights = {};
  // The operation that each edge has in the derived cell, −1 for an edge that it has not.
  std::vector<int> chosen = {};
};

// Row of the alphas that is the edge from → to: by node, then by state.
int EdgeRow(int to, int from);

Markup AlphaHeatMap(const HeatMapOptions& options);

// Indices of at most `most` of `count` epochs, evenly, the first and the last among them.
std::vector<int> ThinOut(int count, int most);

}  // namespace ssnas::report

#endif  // SSNAS_REPORT_CHARTS_HEAT_MAP_H_
