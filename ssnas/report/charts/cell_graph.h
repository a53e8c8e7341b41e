// A cell as a graph from left to right: two inputs, nodes, the concatenation.
#ifndef SSNAS_REPORT_CHARTS_CELL_GRAPH_H_
#define SSNAS_REPORT_CHARTS_CELL_GRAPH_H_

#include <string>
#include <vector>

#include "ssnas/report/charts/palette.h"
#include "ssnas/report/markup.h"

namespace ssnas::report {

struct GraphEdge {
  int from = 0;  // state: 0, 1 inputs, then nodes
  int to = 2;
  std::string operation = {};
  double width = 2.5;  // of the line, in pixels
  std::string hover = {};
};

struct CellDrawing {
  std::string label = {};  // in words
  int nodes = 0;
  std::vector<GraphEdge> edges = {};
  std::vector<int> concat = {};  // states that make the output
};

// Cells beyond this are listed in a table, not drawn.
inline constexpr int kMaxDrawnNodes = 16;
inline constexpr int kMaxDrawnEdges = 64;

bool CanDraw(const CellDrawing& cell);
// Pixels that the drawing takes by itself.
double CellGraphWidth(const CellDrawing& cell);
Markup CellGraph(const CellDrawing& cell, const OperationPalette& palette);

// "cell k−2", "cell k−1", "node 2" …
std::string StateName(int state);

// The classes of a line in an operation's colour and dashes.
std::string OperationLine(const OperationPalette& palette, const std::string& operation);

}  // namespace ssnas::report

#endif  // SSNAS_REPORT_CHARTS_CELL_GRAPH_H_
