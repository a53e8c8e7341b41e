// What every stage of a run is given: the resolved spec, the run folder, the data and the engine.
#ifndef SSNAS_TRAINING_RUN_CONTEXT_H_
#define SSNAS_TRAINING_RUN_CONTEXT_H_

#include <cstdint>
#include <functional>
#include <string>

#include "ssnas/core/memory/process_memory.h"
#include "ssnas/core/parallel_for.h"
#include "ssnas/core/progress.h"
#include "ssnas/core/run_folder.h"
#include "ssnas/engine/block.h"
#include "ssnas/proto/experiment.pb.h"
#include "ssnas/training/data_source.h"

namespace ssnas {

struct RunContext {
  const ExperimentSpec* spec = nullptr;  // resolved
  RunFolder* folder = nullptr;
  DataSource* data = nullptr;
  Engine<float>* engine = nullptr;
  ParallelFor parallel_for = SerialFor;  // for losses and optimisers; engines bring their own
  ProgressOptions progress;
  // Bytes that a stage may take, asked before its first step.
  std::function<int64_t()> free_memory = [] { return FreeMemoryBytes(); };
};

// Where a stage stands among the others; printed in front of its lines.
struct StageInfo {
  std::string name;    // "search/seed_1": its folder
  std::string label;   // "[1/6] search"
  std::string digest;  // of its part of the spec and its inputs
};

}  // namespace ssnas

#endif  // SSNAS_TRAINING_RUN_CONTEXT_H_
