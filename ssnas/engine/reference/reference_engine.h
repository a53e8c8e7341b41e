// The reference engine: recipes as plain libtorch calls, in float32 or float64. The oracle of the
// fused one.
//
// Slow and obvious: each candidate of each edge is its own chain of calls, as in quark0/darts. Only
// the gradients asked for are computed. libtorch's autograd stays inside this engine.
#ifndef SSNAS_ENGINE_REFERENCE_REFERENCE_ENGINE_H_
#define SSNAS_ENGINE_REFERENCE_REFERENCE_ENGINE_H_

#include <memory>

#include "ssnas/engine/block.h"
#include "ssnas/engine/decisions.h"

namespace ssnas {

// Neither is owned, both outlive the engine's blocks; see engine/decisions.h.
struct ReferenceOptions {
  DecisionTrace* record = nullptr;
  // Takes these ReLU masks and max-pool winners instead of its own; Forward gives InvalidArgument
  // where one is missing. Nothing is then recorded.
  const DecisionTrace* replay = nullptr;
  // Threads of libtorch within an operation; 0: those of SetReferenceThreads.
  int threads = 0;
};

// T: float or double. Threads are libtorch's own, set by SetReferenceThreads.
template <typename T>
std::unique_ptr<Engine<T>> MakeReferenceEngine(const ReferenceOptions& options = {});

// Threads of libtorch within an operation, in this process; ≥ 1. Between operations it is always
// one. Also makes the C library keep freed memory for the next step, which is much faster.
void SetReferenceThreads(int threads);

}  // namespace ssnas

#endif  // SSNAS_ENGINE_REFERENCE_REFERENCE_ENGINE_H_
