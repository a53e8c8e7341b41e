#include "ssnas/datasets/subset.h"

#include <algorithm>

#include "ssnas/core/logging.h"

namespace ssnas {
namespace {

std::vector<int64_t> Shuffled(const std::vector<int64_t>& indices, const StreamKey& key) {
  std::vector<int64_t> shuffled;
  shuffled.reserve(indices.size());
  for (const int64_t i : Philox(key).Permutation(static_cast<int64_t>(indices.size()))) {
    shuffled.push_back(indices[i]);
  }
  return shuffled;
}

}  // namespace

std::vector<int64_t> RandomSubset(int64_t n, int64_t count, uint64_t seed, Purpose purpose) {
  CHECK(n >= 0 && count >= 0) << count << " of " << n;
  std::vector<int64_t> subset = Philox({.seed = seed, .purpose = purpose}).Permutation(n);
  subset.resize(std::min(n, count));
  return subset;
}

std::pair<std::vector<int64_t>, std::vector<int64_t>> Halves(const std::vector<int64_t>& indices,
                                                             uint64_t seed) {
  const std::vector<int64_t> shuffled =
      Shuffled(indices, {.seed = seed, .purpose = Purpose::kHalves});
  const auto middle = shuffled.begin() + static_cast<int64_t>(shuffled.size() / 2);
  return {{shuffled.begin(), middle}, {middle, shuffled.end()}};
}

std::vector<int64_t> EpochOrder(const std::vector<int64_t>& indices, uint64_t seed, Purpose purpose,
                                uint64_t epoch) {
  return Shuffled(indices, {.seed = seed, .purpose = purpose, .epoch = epoch});
}

}  // namespace ssnas
