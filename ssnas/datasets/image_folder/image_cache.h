// Decoded images in one file that is mapped, not read: pixels, an index, and a trailer.
//
//   pixels   the images one after another, height × width × 3 bytes each
//   index    a serialised ssnas.ImageCacheIndex
//   trailer  40 bytes, little-endian: bytes of pixels, bytes of index, XXH3 of the index, XXH3 of
//            the 24 bytes before, "SSNASIC1"
//
// XXH3 of every MiB of pixels stands in the index, so every byte is covered, and all are checked
// when the file is opened. It is written beside its name, synced, and renamed when it is whole.
//
// Until then PATH.tmp has the pixels and, after Keep, PATH.part an index of those that are synced,
// with its trailer: an index whose pixels are elsewhere. What is written later leaves the bytes
// that it counts as they are, so a kill at any instant leaves both agreeing.
//
// Example:
//   SSNAS_ASSIGN_OR_RETURN(auto writer, ImageCacheWriter::Create(path, key, SerialFor));
//   SSNAS_RETURN_IF_ERROR(writer->Add("a/b.jpg", image));
//   SSNAS_RETURN_IF_ERROR(writer->Finish());
//   SSNAS_ASSIGN_OR_RETURN(auto images, ImageCache::Open(path, key, SerialFor));
#ifndef SSNAS_DATASETS_IMAGE_FOLDER_IMAGE_CACHE_H_
#define SSNAS_DATASETS_IMAGE_FOLDER_IMAGE_CACHE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ssnas/core/parallel_for.h"
#include "ssnas/datasets/dataset.h"
#include "ssnas/datasets/image_folder/image_folder.pb.h"
#include "ssnas/datasets/image_folder/rgb_image.h"

namespace ssnas {

// What ends a cache with that many bytes of pixels and this index.
std::string CacheTrailer(uint64_t pixel_bytes, absl::string_view index);
// The index of a cache's bytes, checked against their number, but not the pixels' checksums.
// DataLoss says what is wrong.
absl::StatusOr<ImageCacheIndex> ReadCacheIndex(absl::string_view bytes);
// The pixels' checksums.
absl::Status CheckPixels(absl::string_view bytes, const ImageCacheIndex& index,
                         const ParallelFor& parallel_for);

class ImageCache : public ImageSet {
 public:
  // NotFound; FailedPrecondition when it is of another key; DataLoss when it is damaged.
  static absl::StatusOr<std::unique_ptr<ImageCache>> Open(const std::string& path,
                                                          const std::string& key,
                                                          const ParallelFor& parallel_for);
  ~ImageCache() override;
  ImageCache(const ImageCache&) = delete;
  ImageCache& operator=(const ImageCache&) = delete;

  int64_t size() const override { return index_.file_size(); }
  ImageView Get(int64_t index) const override;
  std::vector<LeftOutFile> LeftOut() const override;
  int64_t MappedBytes() const override { return static_cast<int64_t>(mapped_.size()); }
  // SHA-256 over paths, sizes and the pixels' checksums; no times.
  std::string Digest() const override;

  // Path of an image below the folder.
  const std::string& file(int64_t index) const { return index_.file(static_cast<int>(index)); }

 private:
  explicit ImageCache(absl::string_view mapped) : mapped_(mapped) {}

  const absl::string_view mapped_;
  ImageCacheIndex index_;
  std::vector<size_t> offset_;  // of each image
};

class ImageCacheWriter {
 public:
  // Goes on after what an earlier writer of this key kept, else begins anew, over what is there.
  static absl::StatusOr<std::unique_ptr<ImageCacheWriter>> Create(const std::string& path,
                                                                  const std::string& key,
                                                                  const ParallelFor& parallel_for);
  // Removes its files unless they were finished or left for later.
  ~ImageCacheWriter();
  ImageCacheWriter(const ImageCacheWriter&) = delete;
  ImageCacheWriter& operator=(const ImageCacheWriter&) = delete;

  absl::Status Add(const std::string& file, const RgbImage& image);
  void LeaveOut(const LeftOutFile& file);
  // What was added and left out so far, by earlier writers too.
  const ImageCacheIndex& index() const { return index_; }

  // Makes that outlast a kill: a later writer goes on after it.
  absl::Status Keep();
  // The same, and the files stay when this object goes.
  absl::Status LeaveForLater();
  // Index, trailer, sync, rename. The object is of no more use.
  absl::Status Finish();

 private:
  ImageCacheWriter(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  std::string temporary() const { return path_ + ".tmp"; }
  std::string part() const { return path_ + ".part"; }
  absl::Status TakeUp(const std::string& key, const ParallelFor& parallel_for);
  absl::Status Cut(uint64_t bytes, uint64_t position);
  absl::Status WriteBlock();

  const std::string path_;
  int fd_;  // below 0: there is nothing to remove
  ImageCacheIndex index_;
  std::string block_;  // of pixels, not yet written
  uint64_t pixel_bytes_ = 0;
};

}  // namespace ssnas

#endif  // SSNAS_DATASETS_IMAGE_FOLDER_IMAGE_CACHE_H_
