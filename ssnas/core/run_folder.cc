#include "ssnas/core/run_folder.h"

#include <sys/stat.h>

#include <algorithm>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/file.h"
#include "ssnas/core/folder_lock.h"
#include "ssnas/core/json_file.h"
#include "ssnas/core/sha256.h"
#include "ssnas/core/status_macros.h"

namespace ssnas {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kDigest[] = "digest";
constexpr char kChecksum[] = "sha256";  // of the result without this field, as JsonLine prints it

// What a run leaves before run.json is there: a kill in between must not make the folder unusable.
// The lock comes first, so that a user's own spec.textproto is not taken for ours.
bool HoldsOnlyOurBeginnings(const std::vector<std::string>& names) {
  const auto ours = [](std::string_view name) {
    return name == FolderLock::kFile || name == kSpecFile || name == "spec.textproto.tmp" ||
           name == "run.json.tmp";
  };
  const bool locked = std::find(names.begin(), names.end(), FolderLock::kFile) != names.end();
  return names.empty() || (locked && std::all_of(names.begin(), names.end(), ours));
}

// A new, empty or interrupted folder, or one that holds a run.
absl::Status CheckUsable(const std::string& path) {
  if (!PathExists(path)) return absl::OkStatus();
  struct stat facts {};
  if (stat(path.c_str(), &facts) == 0 && !S_ISDIR(facts.st_mode)) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " is a file, not a folder. Use another --output_dir."));
  }
  SSNAS_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListFolder(path));
  const bool run = std::find(names.begin(), names.end(), kRunFile) != names.end();
  if (run || HoldsOnlyOurBeginnings(names)) return absl::OkStatus();
  const auto shown = std::find_if(names.begin(), names.end(), [](const std::string& name) {
    return name != FolderLock::kFile;
  });
  return absl::FailedPreconditionError(
      absl::StrCat(path, " holds files (", shown == names.end() ? names[0] : *shown,
                   " …) but no run, and is left as it is. Use another --output_dir."));
}

// The identity goes last, so that a delete cut short is still known as a run, and the lock is kept.
absl::Status DeleteRun(const std::string& path) {
  SSNAS_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListFolder(path));
  for (const std::string& name : names) {
    if (name == FolderLock::kFile || name == kRunFile) continue;
    SSNAS_RETURN_IF_ERROR(RemoveTree(JoinPath(path, name)));
  }
  return RemoveTree(JoinPath(path, kRunFile));
}

class LockedRunFolder : public RunFolder {
 public:
  LockedRunFolder(std::string path, FolderLock lock, int threads)
      : path_(std::move(path)), lock_(std::move(lock)), threads_(threads) {}

  const std::string& path() const override { return path_; }
  int threads() const override { return threads_; }

  absl::StatusOr<std::string> StageFolder(const std::string& stage) override {
    const std::string folder = JoinPath(path_, stage);
    const absl::Status made = MakeFolders(folder);
    if (!made.ok()) return InArea(ErrorArea::kRunFolder, made);
    return folder;
  }

  absl::StatusOr<std::optional<std::string>> StageResult(const std::string& stage,
                                                         const std::string& digest) override {
    if (!PathExists(ResultPath(stage))) return std::nullopt;
    absl::StatusOr<std::string> result = ReadResult(stage, digest);
    if (!result.ok()) return InArea(ErrorArea::kRunFolder, result.status());
    return *std::move(result);
  }

  absl::Status FinishStage(const std::string& stage, const std::string& digest,
                           const std::string& result) override {
    SSNAS_ASSIGN_OR_RETURN(Json json, ParseJsonObject(result, absl::StrCat("result of ", stage)));
    json[kDigest] = digest;
    json[kChecksum] = Sha256(JsonLine(json));
    SSNAS_RETURN_IF_ERROR(StageFolder(stage).status());
    return InArea(ErrorArea::kRunFolder,
                  WriteFileAtomically(ResultPath(stage), json.dump(1) + "\n"));
  }

 private:
  std::string ResultPath(const std::string& stage) const {
    return JoinPath(JoinPath(path_, stage), "result.json");
  }

  absl::StatusOr<std::string> ReadResult(const std::string& stage,
                                         const std::string& digest) const {
    const std::string path = ResultPath(stage);
    const auto damaged = [&](absl::string_view what) {
      return absl::DataLossError(absl::StrCat(what, ". Delete the folder ", JoinPath(path_, stage),
                                              " and run the same command to do that stage again."));
    };
    absl::StatusOr<Json> json = ReadJsonObject(path);
    if (absl::IsPermissionDenied(json.status())) return json.status();
    if (!json.ok()) return damaged(json.status().message());
    const std::optional<std::string> checksum = StringField(*json, kChecksum);
    json->erase(kChecksum);
    if (!checksum.has_value() || Sha256(JsonLine(*json)) != *checksum) {
      return damaged(absl::StrCat(path, " is damaged: it fails its checksum"));
    }
    if (StringField(*json, kDigest) != digest) {
      return RefuseRun(
          path_, absl::StrCat("stage ", stage, " was made with another spec or other inputs."));
    }
    return JsonLine(*json);
  }

  const std::string path_;
  const FolderLock lock_;
  const int threads_;
};

absl::StatusOr<std::unique_ptr<RunFolder>> OpenLocked(const std::string& path,
                                                      const RunIdentity& identity, bool overwrite) {
  SSNAS_RETURN_IF_ERROR(CheckUsable(path));
  SSNAS_RETURN_IF_ERROR(MakeFolders(path));
  SSNAS_ASSIGN_OR_RETURN(FolderLock lock, FolderLock::Take(path));
  const std::string run_file = JoinPath(path, kRunFile);
  if (overwrite && PathExists(run_file)) SSNAS_RETURN_IF_ERROR(DeleteRun(path));
  RunIdentity resolved = identity;
  if (PathExists(run_file)) {
    SSNAS_ASSIGN_OR_RETURN(resolved.threads, CheckRunIdentity(path, identity));
  } else {
    resolved.threads = ResolveThreads(identity.threads);
    SSNAS_RETURN_IF_ERROR(WriteRunIdentity(path, resolved));
  }
  return std::make_unique<LockedRunFolder>(path, std::move(lock), resolved.threads);
}

}  // namespace

int ResolveThreads(int asked) {
  if (asked > 0) return asked;
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

bool RunFolder::HoldsRun(const std::string& path) { return PathExists(JoinPath(path, kRunFile)); }

absl::StatusOr<std::unique_ptr<RunFolder>> RunFolder::Open(const std::string& path,
                                                           const RunIdentity& identity,
                                                           bool overwrite) {
  auto opened = OpenLocked(path, identity, overwrite);
  if (absl::IsPermissionDenied(opened.status())) {
    return InArea(ErrorArea::kRunFolder,
                  absl::PermissionDeniedError(
                      absl::StrCat(opened.status().message(), ". Use another --output_dir.")));
  }
  if (!opened.ok()) return InArea(ErrorArea::kRunFolder, opened.status());
  return opened;
}

}  // namespace ssnas
