// Parallel-for by injection: engines and loaders say what can run side by side, the program says
// how.
#ifndef SSNAS_CORE_PARALLEL_FOR_H_
#define SSNAS_CORE_PARALLEL_FOR_H_

#include <cstdint>
#include <functional>

namespace ssnas {

// Calls body(first, last) over disjoint ranges that cover [0, count), in any order, perhaps at
// once. Results must not depend on how the range is cut: reductions go by fixed blocks.
using ParallelFor = std::function<void(
    int64_t count, const std::function<void(int64_t first, int64_t last)>& body)>;

// All of it, in order, on the calling thread.
inline void SerialFor(int64_t count, const std::function<void(int64_t, int64_t)>& body) {
  if (count > 0) body(0, count);
}

}  // namespace ssnas

#endif  // SSNAS_CORE_PARALLEL_FOR_H_
