// A cache of images, opened, or made first where there is none that fits.
//
// Example:
//   SSNAS_ASSIGN_OR_RETURN(auto images, OpenOrMakeCache({.root = root, .id = id, .key = key,
//                                                        .make = [&] { return BuildCache(…); }}));
#ifndef SSNAS_DATASETS_IMAGE_FOLDER_OPEN_CACHE_H_
#define SSNAS_DATASETS_IMAGE_FOLDER_OPEN_CACHE_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ssnas/core/progress.h"
#include "ssnas/datasets/image_folder/image_cache.h"

namespace ssnas {

struct CacheRequest {
  std::string root, id;                       // as in cache_folder.h
  std::string key;                            // of what the cache must hold
  int threads = 1;                            // that check it
  const ProgressOptions* progress = nullptr;  // null: a damaged cache is not told of
  std::function<absl::Status()> make;         // writes CachePath(root, id)
};

// `make` is called under the cache's lock when no cache has the key or it is damaged. Errors are
// those of `make`, of the lock and of ImageCache::Open.
absl::StatusOr<std::unique_ptr<ImageCache>> OpenOrMakeCache(const CacheRequest& request);

}  // namespace ssnas

#endif  // SSNAS_DATASETS_IMAGE_FOLDER_OPEN_CACHE_H_
