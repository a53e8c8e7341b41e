#include "ssnas/core/run_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"
#include "ssnas/core/file.h"
#include "ssnas/core/spec_diff.h"
#include "ssnas/core/status_macros.h"

namespace ssnas {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kFormatVersion = 1;
constexpr char kIdentityFile[] = "run.json";
constexpr char kSpecFile[] = "spec.textproto";
constexpr char kLockFile[] = ".lock";
constexpr char kRemedy[] = " Use another --output_dir, or --overwrite to delete that run.";

// Holds a folder's lock as long as it lives; the kernel drops it when the process dies, however it dies.
class FolderLock {
 public:
  static absl::StatusOr<FolderLock> Take(const std::string& folder) {
    const std::string path = JoinPath(folder, kLockFile);
    const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0) return absl::PermissionDeniedError(absl::StrCat("cannot write in ", folder, ": ", std::strerror(errno)));
    FolderLock lock(fd);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
      const std::string pid = ReadFile(path, 64).value_or("");
      return absl::UnavailableError(absl::StrCat(folder, ": another process (pid ",
                                                 absl::StripAsciiWhitespace(pid), ") is writing here."));
    }
    const std::string pid = absl::StrCat(getpid(), "\n");
    if (ftruncate(fd, 0) != 0 || pwrite(fd, pid.data(), pid.size(), 0) < 0) {
      return absl::UnavailableError(absl::StrCat("cannot write ", path, ": ", std::strerror(errno)));
    }
    return lock;
  }
  FolderLock(FolderLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~FolderLock() {
    if (fd_ >= 0) close(fd_);
  }

 private:
  explicit FolderLock(int fd) : fd_(fd) {}
  int fd_;
};

absl::Status Refuse(const std::string& folder, const std::string& what) {
  return absl::FailedPreconditionError(absl::StrCat(folder, ": ", what, kRemedy));
}

absl::StatusOr<Json> ReadJson(const std::string& path) {
  SSNAS_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, 1 << 26));
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return absl::DataLossError(absl::StrCat(path, " is damaged: no JSON object"));
  return json;
}

// Files that a run leaves before run.json is there: a kill in between must not make the folder unusable.
bool OnlyOurBeginnings(const std::vector<std::string>& names) {
  return std::all_of(names.begin(), names.end(), [](const std::string& name) {
    return name == kLockFile || name == kSpecFile || absl::EndsWith(name, ".tmp");
  });
}

int ResolveThreads(int asked) {
  if (asked > 0) return asked;
  return std::max(1u, std::thread::hardware_concurrency());
}

absl::Status CheckSame(const std::string& folder, const Json& stored, const RunIdentity& identity) {
  const auto text = [&](const char* key) { return stored.value(key, std::string()); };
  if (stored.value("format_version", 0) != kFormatVersion) {
    return Refuse(folder, "this run was made by another version of SSNAS.");
  }
  if (text("experiment") != identity.experiment) {
    return Refuse(folder, absl::StrCat("this run is of experiment '", text("experiment"), "', not '",
                                       identity.experiment, "'."));
  }
  SSNAS_ASSIGN_OR_RETURN(const std::string spec, ReadFile(JoinPath(folder, kSpecFile), 1 << 24));
  if (const std::vector<FieldDifference> differences = DiffSpecs(spec, identity.spec); !differences.empty()) {
    const FieldDifference& first = differences[0];
    const std::string more = differences.size() > 1
                                 ? absl::StrCat(" (and ", differences.size() - 1, " more differences)")
                                 : "";
    return Refuse(folder, absl::StrCat("this run was made with ", first.path, " = ", first.before,
                                       ", the spec now says ", first.after, more, "."));
  }
  const int threads = stored.value("threads", 0);
  if (identity.threads > 0 && identity.threads != threads) {
    return absl::FailedPreconditionError(absl::StrCat(
        folder, ": this run was made with ", threads, " threads, now ", identity.threads,
        " are asked for, which rounds otherwise. Leave --threads out or say --threads=", threads,
        ", use another --output_dir, or --overwrite to delete that run."));
  }
  if (text("cpu") != identity.cpu) {
    return Refuse(folder, absl::StrCat("this run was made on a CPU with ", text("cpu"), ", this one has ",
                                       identity.cpu, ", which rounds otherwise. Go on where it was made."));
  }
  return absl::OkStatus();
}

class LockedRunFolder : public RunFolder {
 public:
  LockedRunFolder(std::string path, FolderLock lock, int threads)
      : path_(std::move(path)), lock_(std::move(lock)), threads_(threads) {}

  const std::string& path() const override { return path_; }
  int threads() const override { return threads_; }

  absl::StatusOr<std::string> StageFolder(const std::string& stage) override {
    const std::string folder = JoinPath(path_, stage);
    SSNAS_RETURN_IF_ERROR(MakeFolders(folder));
    return folder;
  }

  absl::StatusOr<std::optional<std::string>> StageResult(const std::string& stage,
                                                         const std::string& digest) override {
    const std::string path = ResultPath(stage);
    if (!PathExists(path)) return std::nullopt;
    SSNAS_ASSIGN_OR_RETURN(const Json result, ReadJson(path));
    if (result.value("digest", std::string()) != digest) {
      return Refuse(path_, absl::StrCat("stage ", stage, " was made with another spec or other inputs."));
    }
    return result.dump();
  }

  absl::Status FinishStage(const std::string& stage, const std::string& digest,
                           const std::string& result) override {
    Json json = Json::parse(result, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object()) return absl::InternalError(absl::StrCat("the result of ", stage, " is no JSON object"));
    json["digest"] = digest;
    SSNAS_RETURN_IF_ERROR(StageFolder(stage).status());
    return WriteFileAtomically(ResultPath(stage), json.dump(1) + "\n");
  }

 private:
  std::string ResultPath(const std::string& stage) const {
    return JoinPath(JoinPath(path_, stage), "result.json");
  }

  const std::string path_;
  const FolderLock lock_;
  const int threads_;
};

absl::Status DeleteRun(const std::string& path) {
  SSNAS_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListFolder(path));
  for (const std::string& name : names) {
    // The identity goes last, so that a delete cut short is still known as a run.
    if (name == kLockFile || name == kIdentityFile) continue;
    SSNAS_RETURN_IF_ERROR(RemoveTree(JoinPath(path, name)));
  }
  return RemoveTree(JoinPath(path, kIdentityFile));
}

}  // namespace

absl::StatusOr<std::unique_ptr<RunFolder>> RunFolder::Open(const std::string& path,
                                                           const RunIdentity& identity, bool overwrite) {
  const std::string identity_path = JoinPath(path, kIdentityFile);
  if (PathExists(path) && !PathExists(identity_path)) {
    SSNAS_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListFolder(path));
    if (!OnlyOurBeginnings(names)) {
      return absl::FailedPreconditionError(absl::StrCat(
          path, " holds files (", names[0], " …) but no run. Use another --output_dir, or empty it yourself."));
    }
  }
  SSNAS_RETURN_IF_ERROR(MakeFolders(path));
  SSNAS_ASSIGN_OR_RETURN(FolderLock lock, FolderLock::Take(path));
  if (overwrite && PathExists(identity_path)) SSNAS_RETURN_IF_ERROR(DeleteRun(path));
  int threads = ResolveThreads(identity.threads);
  if (PathExists(identity_path)) {
    SSNAS_ASSIGN_OR_RETURN(const Json stored, ReadJson(identity_path));
    SSNAS_RETURN_IF_ERROR(CheckSame(path, stored, identity));
    threads = std::max(1, stored.value("threads", 1));
  } else {
    SSNAS_RETURN_IF_ERROR(WriteFileAtomically(JoinPath(path, kSpecFile), identity.spec));
    const Json stored = {{"format_version", kFormatVersion},
                         {"experiment", identity.experiment},
                         {"threads", threads},
                         {"cpu", identity.cpu}};
    SSNAS_RETURN_IF_ERROR(WriteFileAtomically(identity_path, stored.dump(1) + "\n"));
  }
  return std::make_unique<LockedRunFolder>(path, std::move(lock), threads);
}

}  // namespace ssnas
