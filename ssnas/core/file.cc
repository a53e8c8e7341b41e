#include "ssnas/core/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/fail_point.h"
#include "ssnas/core/status_macros.h"

namespace ssnas {
namespace {

// "write runs/a/x: No space left on device", with the code that fits and, for a full disk, its area.
absl::Status ErrnoStatus(const char* what, const std::string& path, int error) {
  const std::string text = absl::StrCat("cannot ", what, " ", path, ": ", std::strerror(error));
  switch (error) {
    case ENOENT:
    case ENOTDIR: return absl::NotFoundError(text);
    case EACCES:
    case EPERM:
    case EROFS: return absl::PermissionDeniedError(text);
    case ENOSPC:
    case EDQUOT:
      return InArea(ErrorArea::kResources,
                    absl::ResourceExhaustedError(absl::StrCat(
                        text, ". Free some space and run the same command again; what was saved is kept.")));
    default: return absl::UnavailableError(text);
  }
}

// The errno that an armed fail point asks for; 0 for none.
int InjectedError() {
  switch (NextFault()) {
    case Fault::kNoSpace: return ENOSPC;
    case Fault::kIoError: return EIO;
    default: return 0;
  }
}

template <typename Call>
int RetryInterrupted(Call call) {
  int result;
  do {
    result = call();
  } while (result == -1 && errno == EINTR);
  return result;
}

absl::Status WriteAll(int fd, const std::string& path, absl::string_view bytes) {
  while (!bytes.empty()) {
    size_t length = bytes.size();
    switch (NextFault()) {
      case Fault::kNoSpace: return ErrnoStatus("write", path, ENOSPC);
      case Fault::kIoError: return ErrnoStatus("write", path, EIO);
      case Fault::kShortWrite: length = (length + 1) / 2; break;
      case Fault::kInterrupted: continue;
      default: break;
    }
    const ssize_t written = write(fd, bytes.data(), length);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return ErrnoStatus("write", path, errno);
    bytes.remove_prefix(written);
  }
  return absl::OkStatus();
}

absl::Status SyncDescriptor(int fd, const std::string& path) {
  if (const int error = InjectedError(); error != 0) return ErrnoStatus("sync", path, error);
  if (RetryInterrupted([fd] { return fsync(fd); }) != 0) return ErrnoStatus("sync", path, errno);
  return absl::OkStatus();
}

std::string ParentOf(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

absl::Status SyncFolder(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return ErrnoStatus("open", path, errno);
  const absl::Cleanup close_fd = [fd] { close(fd); };
  return SyncDescriptor(fd, path);
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path, uint64_t max_bytes) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return ErrnoStatus("open", path, errno);
  const absl::Cleanup close_fd = [fd] { close(fd); };
  struct stat facts{};
  if (fstat(fd, &facts) != 0) return ErrnoStatus("read", path, errno);
  if (S_ISDIR(facts.st_mode)) return absl::InvalidArgumentError(absl::StrCat(path, " is a folder, not a file"));
  std::string bytes;
  bytes.reserve(std::min<uint64_t>(facts.st_size, max_bytes) + 1);
  char buffer[1 << 16];
  while (true) {
    const ssize_t count = read(fd, buffer, sizeof(buffer));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return ErrnoStatus("read", path, errno);
    if (count == 0) return bytes;
    if (bytes.size() + count > max_bytes) {
      return absl::ResourceExhaustedError(
          absl::StrCat(path, " is larger than the ", max_bytes, " bytes that such a file may have"));
    }
    bytes.append(buffer, count);
  }
}

absl::Status WriteFileSynced(const std::string& path, absl::string_view bytes) {
  if (const int error = InjectedError(); error != 0) return ErrnoStatus("create", path, error);
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) return ErrnoStatus("create", path, errno);
  absl::Status status = WriteAll(fd, path, bytes);
  if (status.ok()) status = SyncDescriptor(fd, path);
  if (close(fd) != 0 && status.ok()) status = ErrnoStatus("close", path, errno);
  return status;
}

absl::Status WriteFileAtomically(const std::string& path, absl::string_view bytes) {
  const std::string temporary = absl::StrCat(path, ".tmp");
  absl::Status status = WriteFileSynced(temporary, bytes);
  if (status.ok()) status = RenameSynced(temporary, path);
  if (!status.ok()) unlink(temporary.c_str());
  return status;
}

absl::Status RenameSynced(const std::string& from, const std::string& to) {
  if (const int error = InjectedError(); error != 0) return ErrnoStatus("rename", from, error);
  if (rename(from.c_str(), to.c_str()) != 0) return ErrnoStatus("rename", from, errno);
  return SyncFolder(ParentOf(to));
}

absl::Status MakeFolders(const std::string& path) {
  for (size_t slash = path.find('/', 1); true; slash = path.find('/', slash + 1)) {
    const std::string prefix = path.substr(0, slash);
    if (const int error = InjectedError(); error != 0) return ErrnoStatus("make the folder", prefix, error);
    if (mkdir(prefix.c_str(), 0777) != 0 && errno != EEXIST) {
      return ErrnoStatus("make the folder", prefix, errno);
    }
    if (slash == std::string::npos) break;
  }
  struct stat facts{};
  if (stat(path.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(path, " is there and is no folder"));
  }
  return absl::OkStatus();
}

absl::Status RemoveTree(const std::string& path) {
  struct stat facts{};
  if (lstat(path.c_str(), &facts) != 0) {
    return errno == ENOENT ? absl::OkStatus() : ErrnoStatus("remove", path, errno);
  }
  if (const int error = InjectedError(); error != 0) return ErrnoStatus("remove", path, error);
  if (!S_ISDIR(facts.st_mode)) {
    return unlink(path.c_str()) == 0 ? absl::OkStatus() : ErrnoStatus("remove", path, errno);
  }
  SSNAS_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListFolder(path));
  for (const std::string& name : names) SSNAS_RETURN_IF_ERROR(RemoveTree(JoinPath(path, name)));
  return rmdir(path.c_str()) == 0 ? absl::OkStatus() : ErrnoStatus("remove", path, errno);
}

bool PathExists(const std::string& path) {
  struct stat facts{};
  return stat(path.c_str(), &facts) == 0;
}

absl::StatusOr<std::vector<std::string>> ListFolder(const std::string& path) {
  DIR* folder = opendir(path.c_str());
  if (folder == nullptr) return ErrnoStatus("list", path, errno);
  std::vector<std::string> names;
  while (const dirent* entry = readdir(folder)) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  closedir(folder);
  std::sort(names.begin(), names.end());
  return names;
}

std::string JoinPath(absl::string_view a, absl::string_view b) {
  if (a.empty()) return std::string(b);
  return absl::StrCat(a, absl::EndsWith(a, "/") ? "" : "/", b);
}

std::string UserPath(absl::string_view path) {
  const char* folder = std::getenv("BUILD_WORKING_DIRECTORY");
  if (folder == nullptr || path.empty() || path[0] == '/') return std::string(path);
  return JoinPath(folder, path);
}

}  // namespace ssnas
