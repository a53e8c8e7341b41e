// The branches that an engine took: which values each ReLU let through, which pixel won each max
// pool.
//
// A value within rounding of a tie falls to either side, and one such flip changes whole gradient
// elements, so two right engines can differ by far more than rounding. An engine under test
// *records* its decisions here, and the float64 reference engine *replays* them
// (engine/reference/reference_engine.h): what then still differs is rounding. Tests and benchmarks
// only: an engine that is given no trace spends nothing on it.
//
// Recording, of the latest Forward, for every ReLU and max pool of every candidate's recipe, also
// where an engine runs one for several edges (it then records the same under each key):
//   if (trace != nullptr) trace->SetRelu({plan.name, node, edge, candidate, primitive}, shape, …);
// Source: docs/architecture.md; the kinks of ReLU and max pool.
#ifndef SSNAS_ENGINE_DECISIONS_H_
#define SSNAS_ENGINE_DECISIONS_H_

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "ssnas/core/tensor.h"

namespace ssnas {

// Indices into BlockPlan::nodes, their edges, candidates, and the recipe's primitives().
struct DecisionKey {
  std::string block;  // BlockPlan::name
  int node = 0, edge = 0, candidate = 0, primitive = 0;

  auto operator<=>(const DecisionKey&) const = default;
};

struct ReluDecision {
  Shape4 shape;                 // of the input
  std::vector<uint8_t> passed;  // NHWC; 1 where x > 0
};

struct MaxPoolDecision {
  Shape4 shape;                  // of the output
  std::vector<int32_t> winners;  // NHWC; row · W + column in the input's H × W plane
};

class DecisionTrace {
 public:
  // Replace what the key had. Sizes fit the shape (a broken invariant otherwise).
  void SetRelu(const DecisionKey& key, const Shape4& shape, std::vector<uint8_t> passed);
  void SetMaxPool(const DecisionKey& key, const Shape4& shape, std::vector<int32_t> winners);

  // Null when nothing was recorded.
  const ReluDecision* FindRelu(const DecisionKey& key) const;
  const MaxPoolDecision* FindMaxPool(const DecisionKey& key) const;

  // ReLU elements and max-pool outputs recorded; and those that `other` decided differently or not
  // at all.
  int64_t Count() const;
  int64_t CountDifferent(const DecisionTrace& other) const;

 private:
  std::map<DecisionKey, ReluDecision> relus_;
  std::map<DecisionKey, MaxPoolDecision> max_pools_;
};

}  // namespace ssnas

#endif  // SSNAS_ENGINE_DECISIONS_H_
