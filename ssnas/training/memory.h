// What a training will need, said before its first step; refused when it cannot fit.
//
// Network: counted from the plan by the engine that will run it (Engine::Memory), with the flat
// buffers. Data: views made ahead. Images that a data set holds in memory are there already, so
// what is free does not include them; those that it maps from a file (ImageSet::MappedBytes) can be
// dropped and read again, so they refuse nothing, but are told where they do not fit. Not counted:
// the program itself with libtorch, about 0.1 GB, and what an allocator leaves between blocks.
// memory_test.cc holds it against measured peaks.
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
  int64_t view_bytes = 0;    // of batches made ahead, grows with the batch
  int64_t buffer_bytes = 0;  // weights, gradients, moments; does not
  int64_t mapped_bytes = 0;  // of images in a mapped file, beside all that
};

// Of training this model on views of this shape (rows of one step's batch).
absl::StatusOr<MemoryNeed> NeedOf(const RunContext& context, const Model& model,
                                  const Shape4& views);

// One line for the user: "search needs about 5.3 GB at batch 64, 22.1 GB are free".
// ResourceExhausted (area kResources) with a batch that would fit when `free_bytes` are too few.
// `field` is the spec's section.
absl::StatusOr<std::string> CheckMemory(const MemoryNeed& need, int64_t batch, int64_t free_bytes,
                                        const std::string& field);

// That line for a training that is about to begin. Running out of memory all the same quotes it
// (core/out_of_memory.h).
absl::StatusOr<std::string> PreflightMemory(const RunContext& context, const std::string& field,
                                            const Model& model, const Shape4& views, int64_t batch);

}  // namespace ssnas

#endif  // SSNAS_TRAINING_MEMORY_H_
