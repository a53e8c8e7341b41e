// Phases of a pass as JSON, the same names for engines and peers: see bench/phase_table.h.
#ifndef BENCH_PHASE_JSON_H_
#define BENCH_PHASE_JSON_H_

#include "bench/peers/eager_supernet.h"
#include "bench/timed_engine.h"
#include "nlohmann/json.hpp"

namespace ssnas {

nlohmann::ordered_json PhasesJson(const PassPhases& pass);
// A peer's backward pass is one call: stem, cells and objective together.
nlohmann::ordered_json PhasesJson(const EagerHalfStep& half);

}  // namespace ssnas

#endif  // BENCH_PHASE_JSON_H_
