// The programs that bench/search_step times, each meant for a process of its own.
//
// What comes back is JSON for a parent process, as bench/time_steps.h gives it, with
// "preflight_bytes": what the memory preflight would have said.
#ifndef BENCH_STEP_PROGRAMS_H_
#define BENCH_STEP_PROGRAMS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "nlohmann/json.hpp"
#include "ssnas/engine/pointwise.h"
#include "ssnas/engine/recompute.h"

namespace ssnas {

struct StepConfig {
  int channels = 16, cells = 8;
  int64_t batch = 32, image_size = 32;  // batch: rows of one forward pass
  int threads = 2, repetitions = 5;
  Recompute recompute = kDefaultRecompute;
  Pointwise pointwise = Pointwise::kFloat32;
  bool nt_xent = false;    // batch/2 images, two views each; else cross-entropy over 10 classes
  int64_t started_ns = 0;  // SteadyNanoseconds when the process was started
};

// The project's own Model and SearchStep on the engine of this name.
absl::StatusOr<nlohmann::ordered_json> TimeEngine(const std::string& engine,
                                                  const StepConfig& config);

// bench/peers/eager_supernet.h
absl::StatusOr<nlohmann::ordered_json> TimePeer(bool channels_last, bool alpha_only,
                                                const StepConfig& config);

// Bytes that a step of the engine, or of a peer, is expected to need beyond its construction.
absl::StatusOr<int64_t> PredictEngineBytes(const std::string& engine_name,
                                           const StepConfig& config);
absl::StatusOr<int64_t> PredictPeerBytes(const StepConfig& config);

// Multiply-adds of one forward pass over the batch, and the share of them in operations that the
// engine runs on kernels of its own.
struct StepWork {
  int64_t multiply_adds = 0;
  double fused_share = 0;
};
absl::StatusOr<StepWork> CountStepWork(const std::string& engine, const StepConfig& config);

}  // namespace ssnas

#endif  // BENCH_STEP_PROGRAMS_H_
