#include "ssnas/core/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "ssnas/core/file.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/core/system_call.h"

namespace ssnas {
namespace {

absl::Status HeldByAnother(const std::string& folder, const std::string& path) {
  const std::string text = ReadFile(path, 64).value_or("");
  const absl::string_view pid = absl::StripAsciiWhitespace(text);
  return absl::UnavailableError(absl::StrCat(folder, ": another process ",
                                             pid.empty() ? "" : absl::StrCat("(pid ", pid, ") "),
                                             "is writing here."));
}

// Never Unavailable: for what nobody holds nobody must wait.
absl::Status Failed(absl::string_view what, const std::string& path, int error) {
  const absl::Status status = ErrnoStatus(what, path, error);
  return absl::IsUnavailable(status) ? absl::FailedPreconditionError(status.message()) : status;
}

}  // namespace

absl::StatusOr<FolderLock> FolderLock::Take(const std::string& folder) {
  const std::string path = JoinPath(folder, kFile);
  const int fd =
      GuardedCall([&] { return open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666); });
  if (fd < 0) return Failed("write", path, errno);
  FolderLock lock(fd);
  if (GuardedCall([fd] { return flock(fd, LOCK_EX | LOCK_NB); }) != 0) {
    return errno == EWOULDBLOCK ? HeldByAnother(folder, path) : Failed("lock", path, errno);
  }
  if (GuardedCall([fd] { return ftruncate(fd, 0); }) != 0) return Failed("write", path, errno);
  SSNAS_RETURN_IF_ERROR(WriteAll(fd, path, absl::StrCat(getpid(), "\n")));
  return lock;
}

FolderLock::~FolderLock() {
  if (fd_ >= 0) close(fd_);
}

}  // namespace ssnas
