// Engines by name: the one place that knows them all.
//
// A new engine is one more line in make_engine.cc.
//
// Example:
//   ThreadPool threads(2);
//   SSNAS_ASSIGN_OR_RETURN(auto engine, MakeEngine("fused", {.threads = &threads}));
#ifndef SSNAS_ENGINE_MAKE_ENGINE_H_
#define SSNAS_ENGINE_MAKE_ENGINE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ssnas/core/thread_pool.h"
#include "ssnas/engine/block.h"
#include "ssnas/engine/decisions.h"
#include "ssnas/engine/fused/bf16_kernels.h"
#include "ssnas/engine/pointwise.h"
#include "ssnas/engine/recompute.h"
#include "ssnas/ops/recipe.h"

namespace ssnas {

struct EngineOptions {
  // Null: one thread. Outlives the engine's blocks. The reference engine has libtorch's own
  // threads, as many, and the same for every engine of the process.
  ThreadPool* threads = nullptr;
  // Of the fused engine; the reference engine keeps what libtorch keeps.
  Recompute recompute = kDefaultRecompute;
  // "fused" alone has kBf16, on a CPU with AVX512-BF16.
  Pointwise pointwise = Pointwise::kFloat32;
  // Null: not recorded; "check" keeps its own record. Outlives the engine's blocks.
  DecisionTrace* record = nullptr;
};

std::vector<std::string> EngineNames();

// Whether MakeEngine would make it on such a CPU. InvalidArgument, area kUser, where no engine has
// this name (the names there are), or this one has no such pointwise mode; FailedPrecondition, area
// kUser, where the CPU has not what the mode needs.
absl::Status CheckEngine(const std::string& name, Pointwise pointwise,
                         bool cpu_has_bf16 = fused::HasBf16());

// Errors are those of CheckEngine.
absl::StatusOr<std::unique_ptr<Engine<float>>> MakeEngine(const std::string& name,
                                                          const EngineOptions& options);

// Whether the engine of this name runs the recipe on kernels of its own rather than on libtorch's.
bool RunsFused(const std::string& name, const Recipe& recipe);

}  // namespace ssnas

#endif  // SSNAS_ENGINE_MAKE_ENGINE_H_
