#include "ssnas/training/sheets/nearest_neighbors.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "ssnas/core/philox.h"
#include "ssnas/core/testing/compare.h"

namespace ssnas {
namespace {

std::vector<int64_t> Rows(const std::vector<Neighbor>& neighbors) {
  std::vector<int64_t> rows;
  for (const Neighbor& neighbor : neighbors) rows.push_back(neighbor.row);
  return rows;
}

TEST(NearestNeighborsTest, ByHand) {
  // Angles to row 0: 45°, 180°, 0° (and twice as long), 90°.
  const std::vector<float> features = {1, 0, 1, 1, -3, 0, 2, 0, 0, 5};
  const std::vector<Neighbor> all = NearestNeighbors(features, 2, 0, 9);
  EXPECT_EQ(Rows(all), (std::vector<int64_t>{3, 1, 4, 2}));
  std::vector<double> similarities;
  for (const Neighbor& neighbor : all) similarities.push_back(neighbor.similarity);
  EXPECT_EQ(Compare<double>(similarities, {1.0, std::sqrt(0.5), 0.0, -1.0},
                            ErrorBound(2, 1, kDoubleEpsilon)),
            absl::OkStatus());
  EXPECT_EQ(Rows(NearestNeighbors(features, 2, 0, 2)), (std::vector<int64_t>{3, 1}));
  EXPECT_EQ(Rows(NearestNeighbors(features, 2, 2, 1)), (std::vector<int64_t>{4}));
}

TEST(NearestNeighborsTest, AgreesWithSortingEveryPair) {
  constexpr int64_t kRows = 40, kDimensions = 7;
  Philox random({.seed = 5});
  std::vector<float> features;
  for (int64_t i = 0; i < kRows * kDimensions; ++i) {
    features.push_back(static_cast<float>(random.Normal()));
  }
  // Rows of length 1, so that the product is the similarity.
  std::vector<double> unit(features.begin(), features.end());
  for (int64_t row = 0; row < kRows; ++row) {
    double squares = 0;
    for (int64_t i = 0; i < kDimensions; ++i) squares += std::pow(unit[row * kDimensions + i], 2);
    for (int64_t i = 0; i < kDimensions; ++i) unit[row * kDimensions + i] /= std::sqrt(squares);
  }
  for (int64_t query = 0; query < kRows; ++query) {
    std::vector<std::pair<double, int64_t>> pairs;  // distance, row
    for (int64_t row = 0; row < kRows; ++row) {
      double product = 0;
      for (int64_t i = 0; i < kDimensions; ++i) {
        product += unit[query * kDimensions + i] * unit[row * kDimensions + i];
      }
      if (row != query) pairs.emplace_back(-product, row);
    }
    std::sort(pairs.begin(), pairs.end());
    std::vector<int64_t> expected;
    for (int i = 0; i < 5; ++i) expected.push_back(pairs[i].second);
    EXPECT_EQ(Rows(NearestNeighbors(features, kDimensions, query, 5)), expected) << query;
  }
}

TEST(NearestNeighborsTest, EqualOnesAreInTheirOrderAndTheQueryIsNotAmongThem) {
  const std::vector<float> features = {1, 2, 2, 4, 1, 2, 3, 6};
  EXPECT_EQ(Rows(NearestNeighbors(features, 2, 1, 5)), (std::vector<int64_t>{0, 2, 3}));
}

TEST(NearestNeighborsTest, RowsWithoutADirectionAreSimilarToNone) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> features = {1, 1, 0, 0, nan, 1, -1, -1};
  const std::vector<Neighbor> all = NearestNeighbors(features, 2, 0, 5);
  EXPECT_EQ(Rows(all), (std::vector<int64_t>{1, 2, 3}));
  EXPECT_EQ(all[0].similarity, 0);
  EXPECT_EQ(all[1].similarity, 0);
}

}  // namespace
}  // namespace ssnas
