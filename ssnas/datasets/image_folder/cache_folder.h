// The folder of the caches: one folder in it for each image folder with its settings.
//
// Caches together stay below a size: the least recently used are deleted to make room.
//
// Example:
//   SSNAS_ASSIGN_OR_RETURN(const FolderLock lock, LockCache(root, id));
//   SSNAS_RETURN_IF_ERROR(MakeRoom(root, id, bytes, max_bytes));
//   … write CachePath(root, id) …
#ifndef SSNAS_DATASETS_IMAGE_FOLDER_CACHE_FOLDER_H_
#define SSNAS_DATASETS_IMAGE_FOLDER_CACHE_FOLDER_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ssnas/core/folder_lock.h"

namespace ssnas {

// `configured`, or the user's cache folder. FailedPrecondition where neither is known.
absl::StatusOr<std::string> CacheRoot(const std::string& configured);

// The file of a cache; whether it is there is another question.
std::string CachePath(const std::string& root, const std::string& id);

// The right to write the cache `id`: waits for another process that is writing it. Cancelled when
// the program is asked to stop meanwhile.
absl::StatusOr<FolderLock> LockCache(const std::string& root, const std::string& id);

// Makes room for `bytes` of the cache `id`, whose older version counts as gone.
// ResourceExhausted (area kResources) when it does not fit at all, or the others are in use.
absl::Status MakeRoom(const std::string& root, const std::string& id, uint64_t bytes,
                      uint64_t max_bytes);

// Sets its time of last use.
void TouchCache(const std::string& root, const std::string& id);

}  // namespace ssnas

#endif  // SSNAS_DATASETS_IMAGE_FOLDER_CACHE_FOLDER_H_
