// The fused engine: float32, no tensor library, an order of magnitude cheaper than libtorch's step.
//
// docs/engine.md explains it; program.h and schedule.h are where to start reading.
//
// Example:
//   ThreadPool pool(2);
//   const auto engine = MakeFusedEngine({.parallel_for = pool.parallel_for()});
//   SSNAS_ASSIGN_OR_RETURN(auto network, Network<float>::Create(plan, *engine));
#ifndef SSNAS_ENGINE_FUSED_FUSED_ENGINE_H_
#define SSNAS_ENGINE_FUSED_FUSED_ENGINE_H_

#include <memory>

#include "ssnas/core/parallel_for.h"
#include "ssnas/engine/block.h"
#include "ssnas/engine/decisions.h"
#include "ssnas/engine/pointwise.h"
#include "ssnas/engine/recompute.h"

namespace ssnas {

struct FusedEngineOptions {
  ParallelFor parallel_for = SerialFor;
  Recompute recompute = kDefaultRecompute;
  Pointwise pointwise = Pointwise::kFloat32;  // kBf16 only where fused::HasBf16()
  // Null: not recorded. Outlives the engine's blocks; what is kept for a backward pass is recorded,
  // and nothing is recomputed.
  DecisionTrace* record = nullptr;
  // Runs the modules of recipes (ops/module.h), each as a block of its own. Null: Build refuses
  // blocks that have any.
  std::shared_ptr<Engine<float>> modules = nullptr;
};

// The result does not depend on parallel_for, nor (but for the order of what is added to a weight's
// gradient by several blocks) on anything else than the arguments and the instruction set. Blocks
// of one engine share memory: they run one at a time.
std::unique_ptr<Engine<float>> MakeFusedEngine(FusedEngineOptions options);

}  // namespace ssnas

#endif  // SSNAS_ENGINE_FUSED_FUSED_ENGINE_H_
