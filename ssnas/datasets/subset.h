// Random subsets, halves and orders of images, without a look at any label.
//
// Example:
//   const std::vector<int64_t> images = RandomSubset(60000, 6000, seed, Purpose::kSubset);
//   const auto [alpha_half, weight_half] = Halves(images, seed);
//   const std::vector<int64_t> order = EpochOrder(weight_half, seed, Purpose::kBatchOrderWeights, epoch);
#ifndef SSNAS_DATASETS_SUBSET_H_
#define SSNAS_DATASETS_SUBSET_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "ssnas/core/philox.h"

namespace ssnas {

// `count` different ones of 0 … n − 1, in random order; all of them if count ≥ n. A smaller subset is the
// beginning of a larger one.
std::vector<int64_t> RandomSubset(int64_t n, int64_t count, uint64_t seed, Purpose purpose);

// Two disjoint random halves; of an odd number the second has one more.
std::pair<std::vector<int64_t>, std::vector<int64_t>> Halves(const std::vector<int64_t>& indices,
                                                             uint64_t seed);

// The indices in the order of an epoch.
std::vector<int64_t> EpochOrder(const std::vector<int64_t>& indices, uint64_t seed, Purpose purpose,
                                uint64_t epoch);

}  // namespace ssnas

#endif  // SSNAS_DATASETS_SUBSET_H_
