// One process a folder: a lock that the kernel drops when its holder dies, however it dies.
#ifndef SSNAS_CORE_FOLDER_LOCK_H_
#define SSNAS_CORE_FOLDER_LOCK_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"

namespace ssnas {

// Held as long as it lives. The lock is on FOLDER/.lock, which stays and holds the holder's pid.
class FolderLock {
 public:
  static constexpr char kFile[] = ".lock";

  // Unavailable, and only then: another process (its pid) holds it.
  static absl::StatusOr<FolderLock> Take(const std::string& folder);
  FolderLock(FolderLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~FolderLock();

 private:
  explicit FolderLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace ssnas

#endif  // SSNAS_CORE_FOLDER_LOCK_H_
