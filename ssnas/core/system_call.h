// The system calls that change the disk or read files, each behind a fail point
// (core/fail_point.h).
//
// For core/file.h, the journal and the lock of a run folder; everything else uses core/file.h.
//
// Example:
//   if (GuardedCall([&] { return rename(from, to); }) != 0) return ErrnoStatus("rename", from,
//   errno);
#ifndef SSNAS_CORE_SYSTEM_CALL_H_
#define SSNAS_CORE_SYSTEM_CALL_H_

#include <sys/types.h>

#include <cerrno>
#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "ssnas/core/fail_point.h"

namespace ssnas {

// "cannot write runs/a/x: No space left on device …": NotFound, PermissionDenied, DataLoss (EIO),
// Unavailable; for a full disk ResourceExhausted in area kResources, with what to do.
absl::Status ErrnoStatus(absl::string_view what, absl::string_view path, int error);

// The result of `call`, which is made again when a signal interrupts it; −1 with errno when a fault
// is armed for it.
template <typename Call>
auto GuardedCall(Call call) {
  while (true) {
    const Fault fault = NextFault();
    if (fault == Fault::kInterrupted) continue;
    if (fault == Fault::kNoSpace || fault == Fault::kIoError) {
      errno = fault == Fault::kNoSpace ? ENOSPC : EIO;
      return static_cast<decltype(call())>(-1);
    }
    const auto result = call();
    if (result != -1 || errno != EINTR) return result;
  }
}

// The same for a call that only reads, which no full disk can fail.
template <typename Call>
auto GuardedReading(Call call) {
  while (true) {
    const Fault fault = NextFault();
    if (fault == Fault::kInterrupted) continue;
    if (fault == Fault::kIoError) {
      errno = EIO;
      return static_cast<decltype(call())>(-1);
    }
    const auto result = call();
    if (result != -1 || errno != EINTR) return result;
  }
}

// read: up to `length` bytes; 0 at the end; −1 with errno.
ssize_t ReadSome(int fd, char* buffer, size_t length);
// All of `bytes`, in as many writes as the kernel takes. `path` is for messages.
absl::Status WriteAll(int fd, const std::string& path, absl::string_view bytes);
// fsync.
absl::Status SyncDescriptor(int fd, const std::string& path);

}  // namespace ssnas

#endif  // SSNAS_CORE_SYSTEM_CALL_H_
