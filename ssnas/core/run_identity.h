// What a run folder says of the run in it, and whether a command may take that run up.
//
// DIR/run.json is written last, after DIR/spec.textproto: a folder with a run.json holds a run.
#ifndef SSNAS_CORE_RUN_IDENTITY_H_
#define SSNAS_CORE_RUN_IDENTITY_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ssnas {

struct RunIdentity {
  std::string experiment;  // name
  std::string spec;  // resolved textproto; compared line by line, the differing fields are named
  int threads = 0;   // requested (0: any). Resolved once and stored
  std::string cpu;   // e.g. "Intel AVX-512": what changes rounding
  std::string data = "";  // digest of images that the user can change; empty: they are pinned
};

inline constexpr char kRunFile[] = "run.json";
inline constexpr char kSpecFile[] = "spec.textproto";

// FailedPrecondition: "FOLDER: WHAT Use another --output_dir, or --overwrite to delete that run."
absl::Status RefuseRun(const std::string& folder, absl::string_view what);

// Writes both files. `identity.threads` is the resolved count.
absl::Status WriteRunIdentity(const std::string& folder, const RunIdentity& identity);
// The run's thread count, when the run in `folder` is the one that `identity` asks for. Otherwise
// FailedPrecondition: which field differs, both values and what to do.
absl::StatusOr<int> CheckRunIdentity(const std::string& folder, const RunIdentity& identity);

}  // namespace ssnas

#endif  // SSNAS_CORE_RUN_IDENTITY_H_
