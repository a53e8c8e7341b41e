#include "bench/time_steps.h"

#include <limits>
#include <utility>

#include "bench/process.h"
#include "ssnas/core/memory/process_memory.h"
#include "ssnas/core/status_macros.h"

namespace ssnas {

using Json = nlohmann::ordered_json;

absl::StatusOr<Json> TimeSteps(int repetitions, int64_t started_ns,
                               const std::function<absl::StatusOr<Json>()>& step) {
  ForgetPeak();
  const int64_t constructed = ResidentBytes();
  SSNAS_RETURN_IF_ERROR(step().status());
  const double first = static_cast<double>(SteadyNanoseconds() - started_ns) * 1e-9;
  Json result = {{"name", ""}, {"seconds", 0.0}};
  double best = std::numeric_limits<double>::infinity();
  for (int i = 0; i < repetitions; ++i) {
    const int64_t begin = SteadyNanoseconds();
    SSNAS_ASSIGN_OR_RETURN(Json phases, step());
    const double seconds = static_cast<double>(SteadyNanoseconds() - begin) * 1e-9;
    if (seconds >= best) continue;
    best = seconds;
    result["phases"] = std::move(phases);
  }
  result["seconds"] = best;
  result["startup_seconds"] = first - best;
  result["memory_bytes"] = PeakResidentBytes() - constructed;
  return result;
}

}  // namespace ssnas
