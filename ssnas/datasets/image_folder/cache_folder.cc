#include "ssnas/datasets/image_folder/cache_folder.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/file.h"
#include "ssnas/core/shutdown.h"
#include "ssnas/core/status_macros.h"

namespace ssnas {
namespace {

constexpr char kFile[] = "images.cache";
constexpr std::chrono::milliseconds kPoll(100);

struct StoredCache {
  int64_t used_ns = 0;
  std::string id;
  uint64_t bytes = 0;
};

std::string FolderOf(const std::string& root, const std::string& id) { return JoinPath(root, id); }

// The files of a cache: itself, and what was made of one so far (image_cache.h).
std::vector<std::string> FilesOf(const std::string& root, const std::string& id) {
  const std::string path = CachePath(root, id);
  return {path, path + ".tmp", path + ".part"};
}

// Every cache but `id`, the least recently used first. What has no cache's file is not ours.
std::vector<StoredCache> OtherCaches(const std::string& root, const std::string& id) {
  std::vector<StoredCache> caches;
  for (const std::string& name : ListFolder(root).value_or(std::vector<std::string>())) {
    if (name == id) continue;
    StoredCache cache{.id = name};
    for (const std::string& file : FilesOf(root, name)) {
      struct stat facts {};
      if (stat(file.c_str(), &facts) != 0) continue;
      const int64_t used_ns = int64_t{facts.st_mtim.tv_sec} * 1'000'000'000 + facts.st_mtim.tv_nsec;
      cache.used_ns = std::max(cache.used_ns, used_ns);
      cache.bytes += static_cast<uint64_t>(facts.st_size);
    }
    if (cache.used_ns > 0) caches.push_back(std::move(cache));
  }
  std::sort(caches.begin(), caches.end(), [](const StoredCache& a, const StoredCache& b) {
    return std::tie(a.used_ns, a.id) < std::tie(b.used_ns, b.id);
  });
  return caches;
}

}  // namespace

absl::StatusOr<std::string> CacheRoot(const std::string& configured) {
  if (!configured.empty()) return UserPath(configured);
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && cache[0] == '/') return JoinPath(cache, "ssnas/images");
  const char* home = std::getenv("HOME");
  if (home != nullptr && home[0] == '/') return JoinPath(home, ".cache/ssnas/images");
  return absl::FailedPreconditionError(
      "neither XDG_CACHE_HOME nor HOME names a folder for the cache of images. Set "
      "dataset.config.cache_dir.");
}

std::string CachePath(const std::string& root, const std::string& id) {
  return JoinPath(FolderOf(root, id), kFile);
}

absl::StatusOr<FolderLock> LockCache(const std::string& root, const std::string& id) {
  const absl::Status made = MakeFolders(FolderOf(root, id));
  if (absl::IsResourceExhausted(made)) return made;
  if (!made.ok()) {
    return InArea(
        ErrorArea::kUser,
        absl::FailedPreconditionError(absl::StrCat(
            made.message(), ". Set dataset.config.cache_dir to a folder that can be written.")));
  }
  while (true) {
    absl::StatusOr<FolderLock> lock = FolderLock::Take(FolderOf(root, id));
    if (lock.ok() || !absl::IsUnavailable(lock.status())) return lock;
    if (ShutdownSignal() != 0) return StoppedStatus();
    std::this_thread::sleep_for(kPoll);
  }
}

absl::Status MakeRoom(const std::string& root, const std::string& id, uint64_t bytes,
                      uint64_t max_bytes) {
  std::vector<StoredCache> others = OtherCaches(root, id);
  uint64_t stored = 0;
  for (const StoredCache& cache : others) stored += cache.bytes;
  for (const StoredCache& cache : others) {
    if (stored + bytes <= max_bytes || bytes > max_bytes) break;
    // One that is being written is left alone.
    const absl::StatusOr<FolderLock> lock = FolderLock::Take(FolderOf(root, cache.id));
    if (!lock.ok()) continue;
    // The folder stays: who waits for its lock must not wait for a lock of nothing.
    for (const std::string& file : FilesOf(root, cache.id)) {
      SSNAS_RETURN_IF_ERROR(RemoveTree(file));
    }
    stored -= cache.bytes;
  }
  if (stored + bytes <= max_bytes) return absl::OkStatus();
  return InArea(
      ErrorArea::kResources,
      absl::ResourceExhaustedError(absl::StrFormat(
          "the decoded images take %.3g GB, and max_cache_gb is %.3g. Set "
          "dataset.config.max_cache_gb to more, image_size to less, or give a folder "
          "with fewer images.",
          static_cast<double>(stored + bytes) * 1e-9, static_cast<double>(max_bytes) * 1e-9)));
}

void TouchCache(const std::string& root, const std::string& id) {
  // Only the order in which caches are deleted depends on it.
  utimensat(AT_FDCWD, CachePath(root, id).c_str(), nullptr, 0);
}

}  // namespace ssnas
