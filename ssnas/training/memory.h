// What a training step will need, said before its first step; refused when it cannot fit.
//
// Counted from the plan by the engine that will run it (Engine::Memory), with the flat buffers and
// batches made ahead. Not counted: the program itself with libtorch, about 0.1 GB, the data set,
// and what an allocator leaves between blocks. memory_test.cc holds it against measured peaks.
#ifndef SSNAS_TRAINING_MEMORY_H_
#define SSNAS_TRAINING_MEMORY_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ssnas/core/tensor.h"
#include "ssnas/engine/block.h"
#include "ssnas/networks/network_plan.h"
#include "ssnas/training/model.h"
#include "ssnas/training/run_context.h"

namespace ssnas {

// Bytes that one pass forward and back over images of this shape holds at its peak beside the flat
// buffers, on this engine.
absl::StatusOr<int64_t> SavedBytes(const Engine<float>& engine, const NetworkPlan& plan,
                                   const Shape4& images);

struct MemoryNeed {
  int64_t saved_bytes = 0;   // of the largest step, grows with the batch
  int64_t buffer_bytes = 0;  // weights, gradients, moments; does not
};

// One line for the user: "search/seed_1 needs about 5.3 GB at batch 64, 22.1 GB are free."
// ResourceExhausted (area kResources) with a batch that would fit when `free_bytes` are too few.
// `field` is the spec's section.
absl::StatusOr<std::string> CheckMemory(const MemoryNeed& need, int64_t batch, int64_t free_bytes,
                                        const std::string& field);

// Says what training this model on views of this shape will need and, where it fits, prints that
// above the stage's bar. Running out of memory all the same quotes it (core/out_of_memory.h).
absl::Status PreflightMemory(const RunContext& context, const std::string& field,
                             const Model& model, const Shape4& images, int64_t batch);

// MemAvailable of this machine, or of its control group where that is less; a large number when
// neither is known.
int64_t FreeMemoryBytes();

}  // namespace ssnas

#endif  // SSNAS_TRAINING_MEMORY_H_
