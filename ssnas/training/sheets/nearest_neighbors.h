// The rows of a matrix that are nearest to one of them by cosine similarity, exactly: every pair is
// compared.
//
//   s(a, b) = a·b / (|a| |b|)
//
// Example:
//   const std::vector<Neighbor> five = NearestNeighbors(representations, 64, /*query=*/3, 5);
#ifndef SSNAS_TRAINING_SHEETS_NEAREST_NEIGHBORS_H_
#define SSNAS_TRAINING_SHEETS_NEAREST_NEIGHBORS_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"

namespace ssnas {

struct Neighbor {
  int64_t row = 0;
  double similarity = 0;  // −1 … 1
};

// `features`: rows × dimensions. The `count` rows most similar to row `query`, the most similar
// first, equal ones in their order; all rows but itself where there are fewer. A row of zeros, or
// with a value that is not finite, has similarity 0 to every other.
std::vector<Neighbor> NearestNeighbors(absl::Span<const float> features, int64_t dimensions,
                                       int64_t query, int64_t count);

}  // namespace ssnas

#endif  // SSNAS_TRAINING_SHEETS_NEAREST_NEIGHBORS_H_
