#include "ssnas/engine/decisions.h"

#include <utility>

#include "ssnas/core/logging.h"

namespace ssnas {
namespace {

// Elements of `a` that `b` lacks or has otherwise.
template <typename T>
int64_t Different(const std::vector<T>& a, const std::vector<T>* b) {
  if (b == nullptr || b->size() != a.size()) return static_cast<int64_t>(a.size());
  int64_t count = 0;
  for (size_t i = 0; i < a.size(); ++i) count += a[i] != (*b)[i];
  return count;
}

template <typename Map>
const typename Map::mapped_type* FindIn(const Map& map, const DecisionKey& key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}

}  // namespace

void DecisionTrace::SetRelu(const DecisionKey& key, const Shape4& shape,
                            std::vector<uint8_t> passed) {
  CHECK_EQ(shape.count(), static_cast<int64_t>(passed.size()));
  relus_[key] = {shape, std::move(passed)};
}

void DecisionTrace::SetMaxPool(const DecisionKey& key, const Shape4& shape,
                               std::vector<int32_t> winners) {
  CHECK_EQ(shape.count(), static_cast<int64_t>(winners.size()));
  max_pools_[key] = {shape, std::move(winners)};
}

const ReluDecision* DecisionTrace::FindRelu(const DecisionKey& key) const {
  return FindIn(relus_, key);
}

const MaxPoolDecision* DecisionTrace::FindMaxPool(const DecisionKey& key) const {
  return FindIn(max_pools_, key);
}

int64_t DecisionTrace::Count() const {
  int64_t count = 0;
  for (const auto& [key, relu] : relus_) count += relu.shape.count();
  for (const auto& [key, pool] : max_pools_) count += pool.shape.count();
  return count;
}

int64_t DecisionTrace::CountDifferent(const DecisionTrace& other) const {
  int64_t count = 0;
  for (const auto& [key, relu] : relus_) {
    const ReluDecision* found = other.FindRelu(key);
    count += Different(relu.passed, found ? &found->passed : nullptr);
  }
  for (const auto& [key, pool] : max_pools_) {
    const MaxPoolDecision* found = other.FindMaxPool(key);
    count += Different(pool.winners, found ? &found->winners : nullptr);
  }
  return count;
}

}  // namespace ssnas
