#include "ssnas/core/system_call.h"

#include <unistd.h>

#include <system_error>

#include "absl/strings/str_cat.h"
#include "ssnas/core/exit_code.h"

namespace ssnas {

absl::Status ErrnoStatus(absl::string_view what, absl::string_view path, int error) {
  // Unlike strerror, message() may be called by several threads at once.
  const std::string text =
      absl::StrCat("cannot ", what, " ", path, ": ", std::generic_category().message(error));
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return absl::NotFoundError(text);
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::PermissionDeniedError(text);
    case ENOSPC:
    case EDQUOT:
      return InArea(
          ErrorArea::kResources,
          absl::ResourceExhaustedError(absl::StrCat(
              text, ". Free some space and run the same command again; what was saved is kept.")));
    case EIO:
      return absl::DataLossError(text);
    default:
      return absl::UnavailableError(text);
  }
}

ssize_t ReadSome(int fd, char* buffer, size_t length) {
  while (true) {
    const Fault fault = NextFault();
    if (fault == Fault::kInterrupted) continue;
    if (fault == Fault::kIoError) {
      errno = EIO;
      return -1;
    }
    const ssize_t count = read(fd, buffer, fault == Fault::kShortWrite ? (length + 1) / 2 : length);
    if (count >= 0 || errno != EINTR) return count;
  }
}

absl::Status WriteAll(int fd, const std::string& path, absl::string_view bytes) {
  while (!bytes.empty()) {
    size_t length = bytes.size();
    const Fault fault = NextFault();
    if (fault == Fault::kNoSpace) return ErrnoStatus("write", path, ENOSPC);
    if (fault == Fault::kIoError) return ErrnoStatus("write", path, EIO);
    if (fault == Fault::kInterrupted) continue;
    if (fault == Fault::kShortWrite) length = (length + 1) / 2;
    const ssize_t written = write(fd, bytes.data(), length);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return ErrnoStatus("write", path, errno);
    bytes.remove_prefix(written);
  }
  return absl::OkStatus();
}

absl::Status SyncDescriptor(int fd, const std::string& path) {
  if (GuardedCall([fd] { return fsync(fd); }) != 0) return ErrnoStatus("sync", path, errno);
  return absl::OkStatus();
}

}  // namespace ssnas
