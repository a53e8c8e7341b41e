// Exit codes, the same for every program: docs/errors.md has this table.
//   0 done · 2 what the user wrote is wrong · 3 data · 4 checkpoint or run folder · 5 resources
//   6 the computation went wrong · 130, 143 stopped by SIGINT, SIGTERM; resumable · 1 all else
#ifndef SSNAS_CORE_EXIT_CODE_H_
#define SSNAS_CORE_EXIT_CODE_H_

#include "absl/status/status.h"

namespace ssnas {

enum class ErrorArea { kUser = 2, kData = 3, kRunFolder = 4, kResources = 5, kComputation = 6 };

// Says which area an error belongs to (a Status payload); OK stays OK. The first area set wins.
absl::Status InArea(ErrorArea area, absl::Status status);
int ExitCode(const absl::Status& status);
// Cancelled, for a stage that a signal (core/shutdown.h) stopped with its state saved.
absl::Status StoppedStatus();

}  // namespace ssnas

#endif  // SSNAS_CORE_EXIT_CODE_H_
