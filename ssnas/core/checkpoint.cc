#include "ssnas/core/checkpoint.h"

#include <algorithm>
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
#include "ssnas/proto/checkpoint.pb.h"

namespace ssnas {
namespace {

constexpr int kFormatVersion = 1;
constexpr int kKept = 2;
constexpr char kManifest[] = "manifest.textproto";
constexpr uint64_t kMaxManifest = 1 << 20;

std::string StepName(int64_t step) { return absl::StrFormat("%09d", step); }

// Steps of the checkpoints in the folder, newest first; nothing else (temporary, .bad) counts.
std::vector<int64_t> StepsIn(const std::string& folder) {
  std::vector<int64_t> steps;
  for (const std::string& name : ListFolder(folder).value_or(std::vector<std::string>())) {
    int64_t step = 0;
    if (name.size() == 9 && absl::SimpleAtoi(name, &step)) steps.push_back(step);
  }
  std::sort(steps.rbegin(), steps.rend());
  return steps;
}

// A text whose last line is its own SHA-256, so that no bit of it can change unseen.
std::string Sealed(const std::string& text) { return absl::StrCat(text, "# sha256 ", Sha256(text), "\n"); }

absl::StatusOr<CheckpointManifest> ReadManifest(const std::string& folder) {
  SSNAS_ASSIGN_OR_RETURN(const std::string sealed, ReadFile(JoinPath(folder, kManifest), kMaxManifest));
  const size_t seal = sealed.rfind("# sha256 ");
  if (seal == std::string::npos || Sealed(sealed.substr(0, seal)) != sealed) {
    return absl::DataLossError("the manifest fails its checksum");
  }
  CheckpointManifest manifest;
  google::protobuf::TextFormat::Parser parser;
  parser.SetRecursionLimit(10);
  if (!parser.ParseFromString(sealed.substr(0, seal), &manifest)) {
    return absl::DataLossError("the manifest does not parse");
  }
  if (manifest.format_version() != kFormatVersion) {
    return absl::DataLossError(absl::StrCat("format ", manifest.format_version(), " is not known here"));
  }
  return manifest;
}

absl::StatusOr<TensorFile> ReadShard(const std::string& folder, const CheckpointShard& shard) {
  if (absl::StrContains(shard.file(), '/')) return absl::DataLossError("a shard lies outside of its folder");
  SSNAS_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(JoinPath(folder, shard.file())));
  if (bytes.size() != shard.bytes() || Sha256(bytes) != shard.sha256()) {
    return absl::DataLossError(absl::StrCat("shard ", shard.file(), " fails its checksum"));
  }
  return ParseSafetensors(bytes, shard.file());
}

absl::StatusOr<Checkpoint> Read(const std::string& folder, const CheckpointManifest& manifest) {
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

}  // namespace

CheckpointStore::CheckpointStore(std::string folder, std::string stage_digest)
    : folder_(std::move(folder)), stage_digest_(std::move(stage_digest)) {}

absl::Status CheckpointStore::Save(const Checkpoint& checkpoint) const {
  SSNAS_RETURN_IF_ERROR(MakeFolders(folder_));
  const std::string final_folder = JoinPath(folder_, StepName(checkpoint.step));
  const std::string temporary = absl::StrCat(final_folder, ".tmp");
  SSNAS_RETURN_IF_ERROR(RemoveTree(temporary));
  SSNAS_RETURN_IF_ERROR(MakeFolders(temporary));
  CheckpointManifest manifest;
  manifest.set_format_version(kFormatVersion);
  manifest.set_stage_digest(stage_digest_);
  manifest.set_step(checkpoint.step);
  manifest.set_metrics_bytes(checkpoint.metrics_bytes);
  manifest.mutable_counter()->insert(checkpoint.counters.begin(), checkpoint.counters.end());
  for (const auto& [name, tensors] : checkpoint.shards) {
    const std::string bytes = SerializeSafetensors(tensors);
    CheckpointShard* shard = manifest.add_shard();
    shard->set_file(absl::StrCat(name, ".safetensors"));
    shard->set_bytes(bytes.size());
    shard->set_sha256(Sha256(bytes));
    SSNAS_RETURN_IF_ERROR(WriteFileSynced(JoinPath(temporary, shard->file()), bytes));
  }
  std::string text;
  google::protobuf::TextFormat::PrintToString(manifest, &text);
  SSNAS_RETURN_IF_ERROR(WriteFileSynced(JoinPath(temporary, kManifest), Sealed(text)));
  SSNAS_RETURN_IF_ERROR(RemoveTree(final_folder));
  SSNAS_RETURN_IF_ERROR(RenameSynced(temporary, final_folder));
  // Only now are older ones not needed any more.
  const std::vector<int64_t> steps = StepsIn(folder_);
  for (size_t i = kKept; i < steps.size(); ++i) {
    SSNAS_RETURN_IF_ERROR(RemoveTree(JoinPath(folder_, StepName(steps[i]))));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<Checkpoint>> CheckpointStore::LoadNewest(
    std::vector<std::string>* notes) const {
  std::vector<int64_t> steps = StepsIn(folder_);
  for (size_t i = 0; i < steps.size(); ++i) {
    const std::string name = StepName(steps[i]);
    const std::string folder = JoinPath(folder_, name);
    absl::StatusOr<CheckpointManifest> manifest = ReadManifest(folder);
    if (manifest.ok() && manifest->stage_digest() != stage_digest_) {
      return InArea(ErrorArea::kRunFolder,
                    absl::FailedPreconditionError(absl::StrCat(
                        "checkpoint ", folder, " was made with another spec or other inputs. Use another "
                        "--output_dir, or --overwrite to delete that run.")));
    }
    absl::StatusOr<Checkpoint> checkpoint =
        manifest.ok() ? Read(folder, *manifest) : absl::StatusOr<Checkpoint>(manifest.status());
    if (checkpoint.ok()) return *std::move(checkpoint);
    const std::string next =
        i + 1 < steps.size() ? absl::StrCat("going on from ", StepName(steps[i + 1])) : "starting this stage over";
    notes->push_back(absl::StrCat("checkpoint ", name, ": ", checkpoint.status().message(), "; kept as ",
                                  name, ".bad, ", next, "."));
    const std::string bad = absl::StrCat(folder, ".bad");
    SSNAS_RETURN_IF_ERROR(RemoveTree(bad));
    SSNAS_RETURN_IF_ERROR(RenameSynced(folder, bad));
  }
  return std::nullopt;
}

}  // namespace ssnas
