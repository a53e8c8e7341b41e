// Files written so that a crash at any instant leaves the old or the new, never half.
//
// Every system call that changes the disk goes through here and passes a fail point
// (core/fail_point.h), so that tests can make any one of them fail or kill the process before it.
#ifndef SSNAS_CORE_FILE_H_
#define SSNAS_CORE_FILE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ssnas {

// NotFound, PermissionDenied …, with the path and errno in words; ResourceExhausted past
// `max_bytes` (before any of it is read, where the size is known).
absl::StatusOr<std::string> ReadFile(const std::string& path,
                                     uint64_t max_bytes = uint64_t{1} << 33);
// The same of what is already open; `path` is for messages.
absl::StatusOr<std::string> ReadDescriptor(int fd, const std::string& path, uint64_t max_bytes);
// Writes and fsyncs in place (for files inside a folder that is itself renamed).
absl::Status WriteFileSynced(const std::string& path, absl::string_view bytes);
// Temporary file beside it, fsync, rename, fsync of the folder.
absl::Status WriteFileAtomically(const std::string& path, absl::string_view bytes);
absl::Status RenameSynced(const std::string& from, const std::string& to);
// fsync of a folder: the names in it are durable.
absl::Status SyncFolder(const std::string& path);
absl::Status MakeFolders(const std::string& path);  // mkdir -p, durable
absl::Status RemoveTree(const std::string& path);   // absent is fine
bool PathExists(const std::string& path);
absl::StatusOr<std::vector<std::string>> ListFolder(const std::string& path);  // names, sorted

std::string JoinPath(absl::string_view a, absl::string_view b);
std::string ParentOf(const std::string& path);  // "." of a name alone
// Relative paths mean the folder the user stood in ($BUILD_WORKING_DIRECTORY under `bazel run`).
std::string UserPath(absl::string_view path);

}  // namespace ssnas

#endif  // SSNAS_CORE_FILE_H_
