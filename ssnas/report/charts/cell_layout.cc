#include "ssnas/report/charts/cell_layout.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace ssnas::report {
namespace {

constexpr int kSweeps = 8;

// A state, the output, or the place of a passing link.
struct Item {
  int column = 0;
  double size = 0;
  double y = 0;
  std::vector<int> left = {};  // neighbours in the columns beside it
  std::vector<int> right = {};
};

class Layout {
 public:
  Layout(int states, const std::vector<std::pair<int, int>>& links, const std::vector<double>& size,
         double lane)
      : states_(states) {
    for (int state = 0; state <= states; ++state) items_.push_back({.size = size[state]});
    PlaceColumns(links);
    for (const auto& [from, to] : links) AddLink(from, to, lane);
    columns_.resize(items_[states].column + 1);
    for (size_t i = 0; i < items_.size(); ++i) {
      columns_[items_[i].column].push_back(static_cast<int>(i));
    }
  }

  CellLayout Run() && {
    Stack();
    auto best = columns_;
    int fewest = Crossings();
    for (int sweep = 0; sweep < kSweeps && fewest > 0; ++sweep) {
      SortColumns(/*forward=*/sweep % 2 == 0);
      const int crossings = Crossings();
      if (crossings < fewest) {
        fewest = crossings;
        best = columns_;
      }
    }
    columns_ = best;
    Stack();
    return Result();
  }

 private:
  void PlaceColumns(const std::vector<std::pair<int, int>>& links) {
    int last = 0;
    for (int state = 2; state <= states_; ++state) {
      int& column = items_[state].column;
      column = state == states_ ? last + 1 : 1;
      for (const auto& [from, to] : links) {
        if (to == state) column = std::max(column, items_[from].column + 1);
      }
      last = std::max(last, column);
    }
  }

  void AddLink(int from, int to, double lane) {
    std::vector<int> chain;
    int before = from;
    for (int column = items_[from].column + 1; column < items_[to].column; ++column) {
      chain.push_back(static_cast<int>(items_.size()));
      items_.push_back({.column = column, .size = lane});
      Join(before, chain.back());
      before = chain.back();
    }
    Join(before, to);
    chains_.push_back(std::move(chain));
  }

  void Join(int left, int right) {
    items_[left].right.push_back(right);
    items_[right].left.push_back(left);
  }

  // Gives each item its y: the columns are stacked in their order and centred.
  void Stack() {
    height_ = 0;
    for (const auto& column : columns_) height_ = std::max(height_, Height(column));
    for (const auto& column : columns_) {
      double y = (height_ - Height(column)) / 2;
      for (const int item : column) {
        items_[item].y = y + items_[item].size / 2;
        y += items_[item].size;
      }
    }
  }

  double Height(const std::vector<int>& column) const {
    return std::accumulate(column.begin(), column.end(), 0.0,
                           [this](double sum, int item) { return sum + items_[item].size; });
  }

  void SortColumns(bool forward) {
    for (size_t i = 0; i < columns_.size(); ++i) {
      auto& column = columns_[forward ? i : columns_.size() - 1 - i];
      const auto centre = [&](int item) {
        const auto& neighbours = forward ? items_[item].left : items_[item].right;
        double sum = 0;
        for (const int other : neighbours) sum += items_[other].y;
        return neighbours.empty() ? items_[item].y : sum / static_cast<double>(neighbours.size());
      };
      std::stable_sort(column.begin(), column.end(),
                       [&](int a, int b) { return centre(a) < centre(b); });
      Stack();
    }
  }

  int Crossings() const {
    int crossings = 0;
    for (const auto& column : columns_) {
      for (size_t a = 0; a < column.size(); ++a) {
        for (size_t b = a + 1; b < column.size(); ++b) {
          for (const int to_a : items_[column[a]].right) {
            for (const int to_b : items_[column[b]].right) {
              crossings += items_[to_a].y > items_[to_b].y ? 1 : 0;
            }
          }
        }
      }
    }
    return crossings;
  }

  CellLayout Result() const {
    CellLayout result;
    result.columns = static_cast<int>(columns_.size());
    result.height = height_;
    for (int state = 0; state <= states_; ++state) {
      result.column.push_back(items_[state].column);
      result.y.push_back(items_[state].y);
    }
    for (const auto& chain : chains_) {
      auto& route = result.route.emplace_back();
      for (const int item : chain) {
        route.push_back({static_cast<double>(items_[item].column), items_[item].y});
      }
    }
    return result;
  }

  int states_;
  double height_ = 0;
  std::vector<Item> items_;
  std::vector<std::vector<int>> columns_;
  std::vector<std::vector<int>> chains_;
};

}  // namespace

CellLayout LayOutCell(int states, const std::vector<std::pair<int, int>>& links,
                      const std::vector<double>& size, double lane) {
  return Layout(states, links, size, lane).Run();
}

}  // namespace ssnas::report
