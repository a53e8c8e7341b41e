#include "ssnas/datasets/image_folder/open_cache.h"

#include <cstdio>

#include "ssnas/core/folder_lock.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/core/thread_pool.h"
#include "ssnas/datasets/image_folder/cache_folder.h"

namespace ssnas {
namespace {

void NoteDamage(const CacheRequest& request, const std::string& path, const absl::Status& status) {
  if (!absl::IsDataLoss(status) || request.progress == nullptr) return;
  std::fprintf(request.progress->out, "[data] the cache %s is damaged (%s) and made again\n",
               path.c_str(), std::string(status.message()).c_str());
}

}  // namespace

absl::StatusOr<std::unique_ptr<ImageCache>> OpenOrMakeCache(const CacheRequest& request) {
  const std::string path = CachePath(request.root, request.id);
  ThreadPool pool(request.threads);
  const auto open = [&] { return ImageCache::Open(path, request.key, pool.parallel_for()); };
  absl::StatusOr<std::unique_ptr<ImageCache>> cache = open();
  if (!cache.ok()) {
    SSNAS_ASSIGN_OR_RETURN(const FolderLock lock, LockCache(request.root, request.id));
    // Whoever had the lock may have made it.
    cache = open();
    if (!cache.ok()) {
      NoteDamage(request, path, cache.status());
      SSNAS_RETURN_IF_ERROR(request.make());
      cache = open();
    }
  }
  if (cache.ok()) TouchCache(request.root, request.id);
  return cache;
}

}  // namespace ssnas
