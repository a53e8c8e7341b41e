// Decodes the files of a folder into a cache, side by side, in the order of the files: the cache's
// bytes do not depend on the number of threads, nor on how often it was stopped: every half minute,
// and when it is asked to stop, it keeps what is decoded, and the same job goes on after that.
//
// Example:
//   SSNAS_RETURN_IF_ERROR(BuildCache(job, CachePath(root, id)));
#ifndef SSNAS_DATASETS_IMAGE_FOLDER_BUILD_CACHE_H_
#define SSNAS_DATASETS_IMAGE_FOLDER_BUILD_CACHE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "ssnas/core/progress.h"
#include "ssnas/datasets/dataset.h"
#include "ssnas/datasets/image_folder/folder_listing.h"
#include "ssnas/datasets/image_folder/image_decoder.h"

namespace ssnas {

struct CacheJob {
  std::string folder;
  std::vector<ImageFile> files;
  std::vector<LeftOutFile> left_out;  // before any was opened
  std::string key;
  DecoderOptions decoder;
  int threads = 1;
  const ProgressOptions* progress = nullptr;  // null: none
  // Asked before each write what it says to so many bytes of pixels.
  std::function<absl::Status(uint64_t bytes)> may_take;
};

// Files that cannot be read are left out of the cache and named in it. Errors are those of writing,
// of `may_take`, and Cancelled when the program is asked to stop; nothing is left at `path` then.
absl::Status BuildCache(const CacheJob& job, const std::string& path);

}  // namespace ssnas

#endif  // SSNAS_DATASETS_IMAGE_FOLDER_BUILD_CACHE_H_
