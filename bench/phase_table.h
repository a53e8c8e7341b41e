// Programs side by side, one a column, their phases one a row: what bench/search_step prints.
#ifndef BENCH_PHASE_TABLE_H_
#define BENCH_PHASE_TABLE_H_

#include <string>
#include <vector>

#include "nlohmann/json.hpp"

namespace ssnas {

// Each program as bench/step_programs.h gives it, or with a "skipped" that says why it did not run.
// Milliseconds; a dot where a program has no such phase.
std::string PhaseTable(const std::vector<nlohmann::ordered_json>& programs);

}  // namespace ssnas

#endif  // BENCH_PHASE_TABLE_H_
