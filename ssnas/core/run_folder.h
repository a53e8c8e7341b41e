// The run folder: one experiment's output, owned by one process at a time.
//
//   DIR/run.json          experiment, resolved threads, CPU features, spec digest: what a resume
//   must match DIR/spec.textproto    the resolved spec DIR/<stage>/          checkpoints/,
//   metrics.jsonl, timings.jsonl, events.out.tfevents.*, result.json DIR/summary.json, report.html,
//   architecture.textproto, model.safetensors
//
// Errors are in area kRunFolder, or kResources where the disk is full. A finished stage has
// result.json with the stage's digest (spec and inputs) and is never run twice; one of another
// digest is refused, never reused.
#ifndef SSNAS_CORE_RUN_FOLDER_H_
#define SSNAS_CORE_RUN_FOLDER_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ssnas/core/run_identity.h"

namespace ssnas {

// `asked`, or one a core when that is 0.
int ResolveThreads(int asked);

class RunFolder {
 public:
  // Makes the folder or takes up the run in it. Holds its lock until destroyed.
  // FailedPrecondition: made with another spec, thread count or CPU (says which field, both values
  // and what to do), or it holds files that are no run; Unavailable: another process (its pid) is
  // writing there. `overwrite`: deletes the run that is there first (never a folder that holds no
  // run).
  static absl::StatusOr<std::unique_ptr<RunFolder>> Open(const std::string& path,
                                                         const RunIdentity& identity,
                                                         bool overwrite);
  // Whether there is one in it; says nothing of its state.
  static bool HoldsRun(const std::string& path);
  virtual ~RunFolder() = default;

  virtual const std::string& path() const = 0;
  // Threads of this run: the stored count when resumed, else as resolved.
  virtual int threads() const = 0;
  // DIR/<stage>, made if need be.
  virtual absl::StatusOr<std::string> StageFolder(const std::string& stage) = 0;
  // What a finished stage left (JSON text), when its digest is the given one; empty when not
  // finished. FailedPrecondition: finished with another digest. DataLoss: damaged; says what to
  // delete.
  virtual absl::StatusOr<std::optional<std::string>> StageResult(const std::string& stage,
                                                                 const std::string& digest) = 0;
  // Marks the stage finished, atomically; `result` is a JSON object to which the digest
  // and a checksum are added.
  virtual absl::Status FinishStage(const std::string& stage, const std::string& digest,
                                   const std::string& result) = 0;
};

}  // namespace ssnas

#endif  // SSNAS_CORE_RUN_FOLDER_H_
