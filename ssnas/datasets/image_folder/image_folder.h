// The JPEG and PNG files of a folder (--data_dir) and the folders in it, in the order of their
// paths: a data set of the user's own.
//
// Each file is decoded once, turned upright, cut and resized (image_decoder.h), and kept in a cache
// (image_cache.h) that is used again while no file and no setting has changed. A file that cannot
// be read is left out and named (ImageSet::LeftOut); too many of them are an error. Images are
// always in colour. Without labels unless the config says where they are; test images are drawn by
// their paths, so that they stay the same when others are added.
// Config: image_folder.proto.
// Example: example.textproto
#ifndef SSNAS_DATASETS_IMAGE_FOLDER_IMAGE_FOLDER_H_
#define SSNAS_DATASETS_IMAGE_FOLDER_IMAGE_FOLDER_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ssnas/datasets/dataset.h"
#include "ssnas/datasets/image_folder/image_cache.h"
#include "ssnas/datasets/image_folder/image_folder.pb.h"

namespace ssnas {

class ImageFolder : public Dataset {
 public:
  static absl::StatusOr<std::unique_ptr<Dataset>> Create(const ImageFolderConfig& config);

  DatasetInfo Info() const override;
  absl::StatusOr<std::unique_ptr<ImageSet>> Images(const DatasetContext& context,
                                                   Split split) const override;
  absl::StatusOr<std::vector<int32_t>> Labels(const DatasetContext& context,
                                              Split split) const override;

 private:
  using Shared = std::shared_ptr<const ImageCache>;

  explicit ImageFolder(const ImageFolderConfig& config) : config_(config) {}
  // Labels belong to the very images that were opened, whatever has happened to the folder since.
  absl::StatusOr<Shared> Opened(const DatasetContext& context, Split split) const;
  absl::StatusOr<Shared> Open(const DatasetContext& context, Split split) const;
  absl::Status CheckShare(const std::string& folder, const ImageCache& cache, Split split) const;

  const ImageFolderConfig config_;
  mutable std::mutex mutex_;
  mutable std::string folder_;  // of what is opened
  mutable Shared opened_[2];    // train, test
};

}  // namespace ssnas

#endif  // SSNAS_DATASETS_IMAGE_FOLDER_IMAGE_FOLDER_H_
