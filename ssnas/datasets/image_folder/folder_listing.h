// The image files below a folder, in the order of their paths, read without ever leaving it.
//
// Symbolic links and what is no regular file are not followed or opened: they are left out by name,
// as are folders that cannot be listed. Names that begin with a dot are skipped. A file is taken
// for an image if its name ends as an image's does, or its first bytes are those of a JPEG or PNG.
//
// Example:
//   SSNAS_ASSIGN_OR_RETURN(const FolderListing listing, ListImageFiles("/data/photos"));
//   SSNAS_ASSIGN_OR_RETURN(const std::string bytes,
//                          ReadFileBelow("/data/photos", listing.images[0].path, 1 << 28));
#ifndef SSNAS_DATASETS_IMAGE_FOLDER_FOLDER_LISTING_H_
#define SSNAS_DATASETS_IMAGE_FOLDER_FOLDER_LISTING_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ssnas/datasets/dataset.h"

namespace ssnas {

struct ImageFile {
  std::string path;  // below the folder, parts divided by /
  int64_t bytes = 0;
  int64_t modified_ns = 0;  // contents
  int64_t changed_ns = 0;   // contents, permissions or name; no program can set it back
};

struct FolderListing {
  std::vector<ImageFile> images;      // sorted by path, byte by byte
  std::vector<LeftOutFile> left_out;  // sorted by file
  int64_t other_files = 0;            // neither by name nor by content images
};

// Errors are those of the folder itself: NotFound, PermissionDenied, ResourceExhausted past 10
// million files.
absl::StatusOr<FolderListing> ListImageFiles(const std::string& folder);

// Errors are worded to go on after a file's name: "is gone", "cannot be read: …".
absl::StatusOr<std::string> ReadFileBelow(const std::string& folder, const std::string& path,
                                          uint64_t max_bytes);

// A path as it may be shown: what is not UTF-8 or steers a terminal is escaped.
std::string ShownPath(absl::string_view path);

}  // namespace ssnas

#endif  // SSNAS_DATASETS_IMAGE_FOLDER_FOLDER_LISTING_H_
