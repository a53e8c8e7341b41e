#include "ssnas/training/sheets/nearest_neighbors.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace ssnas {
namespace {

double Similarity(absl::Span<const float> a, absl::Span<const float> b) {
  double product = 0, squares_a = 0, squares_b = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    product += double{a[i]} * b[i];
    squares_a += double{a[i]} * a[i];
    squares_b += double{b[i]} * b[i];
  }
  const double similarity = product / std::sqrt(squares_a * squares_b);
  return std::isfinite(similarity) ? std::clamp(similarity, -1.0, 1.0) : 0.0;
}

}  // namespace

std::vector<Neighbor> NearestNeighbors(absl::Span<const float> features, int64_t dimensions,
                                       int64_t query, int64_t count) {
  const auto row_of = [&](int64_t row) { return features.subspan(row * dimensions, dimensions); };
  const int64_t rows = static_cast<int64_t>(features.size()) / dimensions;
  std::vector<Neighbor> neighbors;
  for (int64_t row = 0; row < rows; ++row) {
    if (row == query) continue;
    neighbors.push_back({row, Similarity(row_of(query), row_of(row))});
  }
  const auto kept = neighbors.begin() + std::min<int64_t>(count, neighbors.size());
  std::partial_sort(
      neighbors.begin(), kept, neighbors.end(), [](const Neighbor& a, const Neighbor& b) {
        return a.similarity != b.similarity ? a.similarity > b.similarity : a.row < b.row;
      });
  neighbors.erase(kept, neighbors.end());
  return neighbors;
}

}  // namespace ssnas
