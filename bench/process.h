// Children of this process that report in JSON.
//
// Each program that is measured runs in a process of its own: what libtorch or the C library keep
// would count against whatever runs next.
#ifndef BENCH_PROCESS_H_
#define BENCH_PROCESS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "nlohmann/json.hpp"

namespace ssnas {

// Of the machine's steady clock, the same in parent and child.
int64_t SteadyNanoseconds();

// Runs this program again with these arguments, and returns the JSON object in the last line that
// it wrote to standard output. ResourceExhausted when it was killed (out of memory), Internal when
// it failed.
absl::StatusOr<nlohmann::ordered_json> RunChild(const std::vector<std::string>& arguments);

}  // namespace ssnas

#endif  // BENCH_PROCESS_H_
