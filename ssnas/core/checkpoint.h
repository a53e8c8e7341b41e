// Checkpoints of a stage that a kill at any instant cannot harm.
//
// Save: temporary folder → shards (safetensors) and their fsync → manifest, last → fsync of it and
// of the folder → rename → fsync of the parent → only then older ones are removed, two are kept.
// Load: the newest whose manifest and every checksum hold; a damaged one is renamed <step>.bad,
// named in `notes`, and an older one is used. Layout: <folder>/<step, 9
// digits>/{manifest.textproto, <shard>.safetensors}. Errors are in area kRunFolder, or kResources
// where the disk is full. docs/reliability.md.
#ifndef SSNAS_CORE_CHECKPOINT_H_
#define SSNAS_CORE_CHECKPOINT_H_

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ssnas/core/safetensors.h"

namespace ssnas {

struct Checkpoint {
  int64_t step = 0;
  uint64_t metrics_bytes = 0;
  // When it was written, seconds since 1970, by the clock of whoever keeps the files; set by
  // loading alone. For messages: no result may depend on it.
  int64_t saved_at = 0;
  std::map<std::string, int64_t> counters;
  std::map<std::string, TensorFile> shards;  // "weights" → weights.safetensors
};

class CheckpointStore {
 public:
  // `stage_digest` is written into every manifest; one of another digest is never loaded
  // (FailedPrecondition: the run was made with another spec).
  CheckpointStore(std::string folder, std::string stage_digest);

  // Of the older ones that of step `keep` stays too, if it is there.
  absl::Status Save(const Checkpoint& checkpoint, int64_t keep = -1) const;
  // Empty when there is none. `notes` gets one line for each that was damaged, ready to be printed.
  // Also removes what an interrupted Save left. A checkpoint that cannot be read for another reason
  // (permissions, too many open files) is an error, not damage. Those of steps past `last` are left
  // alone.
  absl::StatusOr<std::optional<Checkpoint>> LoadNewest(
      std::vector<std::string>* notes, int64_t last = std::numeric_limits<int64_t>::max()) const;

 private:
  absl::Status SaveAndPrune(const Checkpoint& checkpoint, int64_t keep) const;

  std::string folder_;
  std::string stage_digest_;
};

}  // namespace ssnas

#endif  // SSNAS_CORE_CHECKPOINT_H_
