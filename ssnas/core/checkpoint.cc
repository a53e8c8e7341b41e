#include "ssnas/core/checkpoint.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "google/protobuf/text_format.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/file.h"
#include "ssnas/core/sha256.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/core/system_call.h"
#include "ssnas/proto/checkpoint.pb.h"

namespace ssnas {
namespace {

constexpr int kFormatVersion = 1;
constexpr int kKept = 2;
constexpr char kManifest[] = "manifest.textproto";
constexpr char kTemporary[] = ".tmp";
constexpr uint64_t kMaxManifest = 1 << 20;
constexpr int kMaxNesting = 10;

std::string StepName(int64_t step) { return absl::StrFormat("%09d", step); }

// Steps of the checkpoints in the folder, newest first; nothing else (temporary, .bad) counts.
absl::StatusOr<std::vector<int64_t>> StepsIn(const std::string& folder) {
  std::vector<int64_t> steps;
  if (!PathExists(folder)) return steps;
  SSNAS_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListFolder(folder));
  for (const std::string& name : names) {
    int64_t step = 0;
    if (absl::SimpleAtoi(name, &step) && step >= 0 && StepName(step) == name) steps.push_back(step);
  }
  std::sort(steps.rbegin(), steps.rend());
  return steps;
}

// A text whose last line is its own SHA-256, so that no bit of it can change unseen.
std::string Sealed(const std::string& text) {
  return absl::StrCat(text, "# sha256 ", Sha256(text), "\n");
}

// A missing or oversized file of a checkpoint is damage; one that may not be read is not.
absl::StatusOr<std::string> ReadPart(const std::string& folder, const std::string& file,
                                     uint64_t max_bytes) {
  absl::StatusOr<std::string> bytes = ReadFile(JoinPath(folder, file), max_bytes);
  const absl::Status& status = bytes.status();
  if (absl::IsNotFound(status)) return absl::DataLossError(absl::StrCat(file, " is missing"));
  if (absl::IsResourceExhausted(status) || absl::IsInvalidArgument(status)) {
    return absl::DataLossError(status.message());
  }
  return bytes;
}

// DataLoss: damaged. FailedPrecondition: whole, but not for this program.
absl::StatusOr<CheckpointManifest> ReadManifest(const std::string& folder) {
  SSNAS_ASSIGN_OR_RETURN(const std::string sealed, ReadPart(folder, kManifest, kMaxManifest));
  const size_t seal = sealed.rfind("# sha256 ");
  if (seal == std::string::npos || Sealed(sealed.substr(0, seal)) != sealed) {
    return absl::DataLossError("its manifest fails its checksum");
  }
  CheckpointManifest manifest;
  google::protobuf::TextFormat::Parser parser;
  parser.SetRecursionLimit(kMaxNesting);
  parser.AllowUnknownField(true);  // of a later format, which is told by its number
  if (!parser.ParseFromString(sealed.substr(0, seal), &manifest)) {
    return absl::DataLossError("its manifest does not parse");
  }
  if (manifest.format_version() != kFormatVersion) {
    return absl::FailedPreconditionError(absl::StrCat(
        "checkpoint ", folder, " has format ", manifest.format_version(), ", this program reads ",
        kFormatVersion,
        ". Go on with the version of SSNAS that wrote it, or use another --output_dir."));
  }
  return manifest;
}

absl::StatusOr<TensorFile> ReadShard(const std::string& folder, const CheckpointShard& shard) {
  if (absl::StrContains(shard.file(), '/'))
    return absl::DataLossError("a shard lies outside of its folder");
  SSNAS_ASSIGN_OR_RETURN(const std::string bytes, ReadPart(folder, shard.file(), shard.bytes()));
  if (bytes.size() != shard.bytes() || Sha256(bytes) != shard.sha256()) {
    return absl::DataLossError(absl::StrCat("shard ", shard.file(), " fails its checksum"));
  }
  return ParseSafetensors(bytes, shard.file());
}

absl::StatusOr<Checkpoint> ReadShards(const std::string& folder,
                                      const CheckpointManifest& manifest) {
  Checkpoint checkpoint;
  checkpoint.step = manifest.step();
  checkpoint.metrics_bytes = manifest.metrics_bytes();
  checkpoint.counters = {manifest.counter().begin(), manifest.counter().end()};
  for (const CheckpointShard& shard : manifest.shard()) {
    SSNAS_ASSIGN_OR_RETURN(TensorFile file, ReadShard(folder, shard));
    checkpoint.shards[shard.file().substr(0, shard.file().rfind('.'))] = std::move(file);
  }
  return checkpoint;
}

absl::StatusOr<Checkpoint> Read(const std::string& folder, int64_t step,
                                const std::string& stage_digest) {
  SSNAS_ASSIGN_OR_RETURN(const CheckpointManifest manifest, ReadManifest(folder));
  if (manifest.stage_digest() != stage_digest) {
    return absl::FailedPreconditionError(
        absl::StrCat("checkpoint ", folder,
                     " was made with another spec or other inputs. Use another --output_dir, or "
                     "--overwrite to delete that run."));
  }
  if (manifest.step() != step) {
    return absl::DataLossError(absl::StrCat("its manifest is of step ", manifest.step()));
  }
  SSNAS_ASSIGN_OR_RETURN(Checkpoint checkpoint, ReadShards(folder, manifest));
  struct stat facts {};
  if (stat(JoinPath(folder, kManifest).c_str(), &facts) == 0) checkpoint.saved_at = facts.st_mtime;
  return checkpoint;
}

absl::Status RemoveTemporary(const std::string& folder) {
  if (!PathExists(folder)) return absl::OkStatus();
  SSNAS_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListFolder(folder));
  for (const std::string& name : names) {
    if (absl::EndsWith(name, kTemporary)) SSNAS_RETURN_IF_ERROR(RemoveTree(JoinPath(folder, name)));
  }
  return absl::OkStatus();
}

// Renamed first: a kill in between must not leave half a folder that looks like a checkpoint.
absl::Status RemoveCheckpoint(const std::string& folder) {
  const std::string temporary = absl::StrCat(folder, kTemporary);
  SSNAS_RETURN_IF_ERROR(RemoveTree(temporary));
  SSNAS_RETURN_IF_ERROR(RenameSynced(folder, temporary));
  return RemoveTree(temporary);
}

// Every shard, then the manifest that vouches for them.
absl::Status WriteContents(const std::string& folder, const Checkpoint& checkpoint,
                           CheckpointManifest manifest) {
  for (const auto& [name, tensors] : checkpoint.shards) {
    const std::string bytes = SerializeSafetensors(tensors);
    CheckpointShard* shard = manifest.add_shard();
    shard->set_file(absl::StrCat(name, ".safetensors"));
    shard->set_bytes(bytes.size());
    shard->set_sha256(Sha256(bytes));
    SSNAS_RETURN_IF_ERROR(WriteFileSynced(JoinPath(folder, shard->file()), bytes));
  }
  std::string text;
  google::protobuf::TextFormat::PrintToString(manifest, &text);
  SSNAS_RETURN_IF_ERROR(WriteFileSynced(JoinPath(folder, kManifest), Sealed(text)));
  return SyncFolder(folder);
}

// `temporary` becomes the checkpoint. One of the same step that is there already is as good until
// the very instant of the change, so the two change places where the file system can do that.
absl::Status PutInPlace(const std::string& temporary, const std::string& folder) {
  if (!PathExists(folder)) return RenameSynced(temporary, folder);
  const auto exchange = [&] {
    return renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, folder.c_str(), RENAME_EXCHANGE);
  };
  if (GuardedCall(exchange) == 0) {
    SSNAS_RETURN_IF_ERROR(SyncFolder(ParentOf(folder)));
    return RemoveTree(temporary);
  }
  if (errno != EINVAL && errno != ENOSYS) return ErrnoStatus("replace", folder, errno);
  SSNAS_RETURN_IF_ERROR(RemoveTree(folder));
  return RenameSynced(temporary, folder);
}

}  // namespace

CheckpointStore::CheckpointStore(std::string folder, std::string stage_digest)
    : folder_(std::move(folder)), stage_digest_(std::move(stage_digest)) {}

absl::Status CheckpointStore::Save(const Checkpoint& checkpoint, int64_t keep) const {
  absl::Status status = SaveAndPrune(checkpoint, keep);
  if (status.ok()) return status;
  // What was begun is of no use and may fill the disk; LoadNewest removes it where this fails too.
  RemoveTemporary(folder_).IgnoreError();
  return InArea(ErrorArea::kRunFolder, status);
}

absl::Status CheckpointStore::SaveAndPrune(const Checkpoint& checkpoint, int64_t keep) const {
  SSNAS_RETURN_IF_ERROR(MakeFolders(folder_));
  SSNAS_RETURN_IF_ERROR(RemoveTemporary(folder_));
  const std::string final_folder = JoinPath(folder_, StepName(checkpoint.step));
  const std::string temporary = absl::StrCat(final_folder, kTemporary);
  SSNAS_RETURN_IF_ERROR(MakeFolders(temporary));
  CheckpointManifest manifest;
  manifest.set_format_version(kFormatVersion);
  manifest.set_stage_digest(stage_digest_);
  manifest.set_step(checkpoint.step);
  manifest.set_metrics_bytes(checkpoint.metrics_bytes);
  manifest.mutable_counter()->insert(checkpoint.counters.begin(), checkpoint.counters.end());
  SSNAS_RETURN_IF_ERROR(WriteContents(temporary, checkpoint, std::move(manifest)));
  SSNAS_RETURN_IF_ERROR(PutInPlace(temporary, final_folder));
  // Only now are older ones not needed any more.
  SSNAS_ASSIGN_OR_RETURN(const std::vector<int64_t> steps, StepsIn(folder_));
  for (size_t i = kKept; i < steps.size(); ++i) {
    if (steps[i] == keep) continue;
    SSNAS_RETURN_IF_ERROR(RemoveCheckpoint(JoinPath(folder_, StepName(steps[i]))));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<Checkpoint>> CheckpointStore::LoadNewest(
    std::vector<std::string>* notes, int64_t last) const {
  SSNAS_RETURN_IF_ERROR(InArea(ErrorArea::kRunFolder, RemoveTemporary(folder_)));
  absl::StatusOr<std::vector<int64_t>> steps = StepsIn(folder_);
  if (!steps.ok()) return InArea(ErrorArea::kRunFolder, steps.status());
  std::erase_if(*steps, [last](int64_t step) { return step > last; });
  for (size_t i = 0; i < steps->size(); ++i) {
    const std::string name = StepName((*steps)[i]);
    const std::string folder = JoinPath(folder_, name);
    absl::StatusOr<Checkpoint> checkpoint = Read(folder, (*steps)[i], stage_digest_);
    if (checkpoint.ok()) return *std::move(checkpoint);
    if (!absl::IsDataLoss(checkpoint.status())) {
      return InArea(ErrorArea::kRunFolder, checkpoint.status());
    }
    const std::string bad = absl::StrCat(folder, ".bad");
    absl::Status moved = RemoveTree(bad);
    if (moved.ok()) moved = RenameSynced(folder, bad);
    if (!moved.ok()) return InArea(ErrorArea::kRunFolder, moved);
    const std::string next = i + 1 < steps->size()
                                 ? absl::StrCat("going on from ", StepName((*steps)[i + 1]))
                                 : "starting this stage over";
    notes->push_back(absl::StrCat("checkpoint ", name, ": ", checkpoint.status().message(),
                                  "; kept as ", name, ".bad, ", next, "."));
  }
  return std::nullopt;
}

}  // namespace ssnas
