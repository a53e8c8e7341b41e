// Running out of memory: wherever it happens, one message and exit code 5.
//
// A program that calls ExitWhenOutOfMemory ends in the first `new` that gets no memory, in whatever
// thread and library: it says so on standard error, with the advice that was last given, and calls
// no destructor. That loses nothing: whatever a run wants to keep is on disk whole at any instant
// (docs/reliability.md). Libraries that allocate otherwise and report it by a Status
// (ResourceExhausted) end in ExplainOutOfMemory.
//
// Example:
//   ExitWhenOutOfMemory();
//   SetMemoryAdvice("search needs about 5.3 GB at batch 64. To need less: --set search.batch=32.");
#ifndef SSNAS_CORE_OUT_OF_MEMORY_H_
#define SSNAS_CORE_OUT_OF_MEMORY_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace ssnas {

void ExitWhenOutOfMemory();

// One line for the user, of what is under way: what it was thought to need, and what to change. The
// first 1023 bytes are kept. Called from one thread.
void SetMemoryAdvice(absl::string_view advice);

// ResourceExhausted of no area gets area kResources and the advice; all else stays as it is.
absl::Status ExplainOutOfMemory(const absl::Status& status);

}  // namespace ssnas

#endif  // SSNAS_CORE_OUT_OF_MEMORY_H_
