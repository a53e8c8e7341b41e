#include "ssnas/core/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/core/system_call.h"

namespace ssnas {
namespace {

int OpenForReading(const std::string& path, int flags) {
  return GuardedReading([&] { return open(path.c_str(), flags | O_CLOEXEC); });
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path, uint64_t max_bytes) {
  const int fd = OpenForReading(path, O_RDONLY);
  if (fd < 0) return ErrnoStatus("open", path, errno);
  const absl::Cleanup close_fd = [fd] { close(fd); };
  return ReadDescriptor(fd, path, max_bytes);
}

absl::StatusOr<std::string> ReadDescriptor(int fd, const std::string& path, uint64_t max_bytes) {
  struct stat facts {};
  if (fstat(fd, &facts) != 0) return ErrnoStatus("read", path, errno);
  if (S_ISDIR(facts.st_mode)) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is a folder, not a file"));
  }
  const auto too_large = [&] {
    return absl::ResourceExhaustedError(
        absl::StrCat(path, " is larger than the ", max_bytes, " bytes that such a file may have"));
  };
  if (static_cast<uint64_t>(facts.st_size) > max_bytes) return too_large();
  std::string bytes;
  bytes.reserve(facts.st_size);
  char buffer[1 << 16];
  while (true) {
    const ssize_t count = ReadSome(fd, buffer, sizeof(buffer));
    if (count < 0) return ErrnoStatus("read", path, errno);
    if (count == 0) return bytes;
    if (bytes.size() + count > max_bytes) return too_large();
    bytes.append(buffer, count);
  }
}

absl::Status WriteFileSynced(const std::string& path, absl::string_view bytes) {
  const int fd = GuardedCall(
      [&] { return open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666); });
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
  // What went wrong first is what is reported; a temporary file that stays harms nothing.
  if (!status.ok()) GuardedCall([&] { return unlink(temporary.c_str()); });
  return status;
}

absl::Status RenameSynced(const std::string& from, const std::string& to) {
  if (GuardedCall([&] { return rename(from.c_str(), to.c_str()); }) != 0) {
    return ErrnoStatus("rename", from, errno);
  }
  return SyncFolder(ParentOf(to));
}

absl::Status SyncFolder(const std::string& path) {
  const int fd = OpenForReading(path, O_RDONLY | O_DIRECTORY);
  if (fd < 0) return ErrnoStatus("open", path, errno);
  const absl::Cleanup close_fd = [fd] { close(fd); };
  // Some network file systems cannot sync a folder; there is nothing better to do on them.
  if (GuardedCall([fd] { return fsync(fd); }) != 0 && errno != EINVAL) {
    return ErrnoStatus("sync", path, errno);
  }
  return absl::OkStatus();
}

absl::Status MakeFolders(const std::string& path) {
  for (size_t slash = path.find('/', 1); true; slash = path.find('/', slash + 1)) {
    const std::string prefix = path.substr(0, slash);
    if (!PathExists(prefix)) {
      if (GuardedCall([&] { return mkdir(prefix.c_str(), 0777); }) == 0) {
        SSNAS_RETURN_IF_ERROR(SyncFolder(ParentOf(prefix)));
      } else if (errno != EEXIST) {
        return ErrnoStatus("make the folder", prefix, errno);
      }
    }
    if (slash == std::string::npos) break;
  }
  struct stat facts {};
  if (stat(path.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(path, " is there and is no folder"));
  }
  return absl::OkStatus();
}

absl::Status RemoveTree(const std::string& path) {
  struct stat facts {};
  // Links are removed, never followed.
  if (lstat(path.c_str(), &facts) != 0) {
    return errno == ENOENT ? absl::OkStatus() : ErrnoStatus("remove", path, errno);
  }
  if (!S_ISDIR(facts.st_mode)) {
    return GuardedCall([&] { return unlink(path.c_str()); }) == 0
               ? absl::OkStatus()
               : ErrnoStatus("remove", path, errno);
  }
  SSNAS_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListFolder(path));
  for (const std::string& name : names) SSNAS_RETURN_IF_ERROR(RemoveTree(JoinPath(path, name)));
  return GuardedCall([&] { return rmdir(path.c_str()); }) == 0 ? absl::OkStatus()
                                                               : ErrnoStatus("remove", path, errno);
}

bool PathExists(const std::string& path) {
  struct stat facts {};
  return stat(path.c_str(), &facts) == 0;
}

absl::StatusOr<std::vector<std::string>> ListFolder(const std::string& path) {
  DIR* folder = opendir(path.c_str());
  if (folder == nullptr) return ErrnoStatus("list", path, errno);
  std::vector<std::string> names;
  const absl::Cleanup close_folder = [folder] { closedir(folder); };
  while (true) {
    errno = 0;
    const dirent* entry = readdir(folder);
    if (entry == nullptr && errno != 0) return ErrnoStatus("list", path, errno);
    if (entry == nullptr) break;
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string JoinPath(absl::string_view a, absl::string_view b) {
  if (a.empty()) return std::string(b);
  return absl::StrCat(a, absl::EndsWith(a, "/") ? "" : "/", b);
}

std::string ParentOf(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string UserPath(absl::string_view path) {
  const char* folder = std::getenv("BUILD_WORKING_DIRECTORY");
  if (folder == nullptr || path.empty() || path[0] == '/') return std::string(path);
  return JoinPath(folder, path);
}

}  // namespace ssnas
