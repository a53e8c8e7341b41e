// Times steps in a process of their own: the start, the fastest of several, the memory they need.
//
//   {"name", "seconds", "phases", "startup_seconds", "memory_bytes"}
//
// "startup_seconds": from the process's start to the end of its first step, less one steady step.
// "memory_bytes": the peak of the resident memory less what it was after construction.
#ifndef BENCH_TIME_STEPS_H_
#define BENCH_TIME_STEPS_H_

#include <cstdint>
#include <functional>

#include "absl/status/statusor.h"
#include "nlohmann/json.hpp"

namespace ssnas {

// Steps once, then `repetitions` times, of which the fastest counts; `step` gives the phases of
// what it did. `started_ns`: SteadyNanoseconds when the process was started. Call it when all is
// constructed.
absl::StatusOr<nlohmann::ordered_json> TimeSteps(
    int repetitions, int64_t started_ns,
    const std::function<absl::StatusOr<nlohmann::ordered_json>()>& step);

}  // namespace ssnas

#endif  // BENCH_TIME_STEPS_H_
