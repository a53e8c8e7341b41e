// The bytes of an image file to pixels of the size that is kept: told apart by their first bytes,
// decoded, turned upright, cut and resized.
//
// An image of h×w pixels, upright, becomes size×size (the middle square), or with `whole` all of it
// with the shorter side `size` (the middle of it past a ratio of 4). JPEGs are scaled while they
// are decoded to at least the wanted size; the rest is CropAndResize. Too large an image is refused
// from its header, before memory is taken; of images that need much memory, one at a time is
// decoded.
//
// Example:
//   const ImageDecoder decoder({.size = 96, .max_pixels = 64'000'000});
//   SSNAS_ASSIGN_OR_RETURN(const RgbImage image, decoder.Decode(bytes));  // "is empty", "is a …"
#ifndef SSNAS_DATASETS_IMAGE_FOLDER_IMAGE_DECODER_H_
#define SSNAS_DATASETS_IMAGE_FOLDER_IMAGE_DECODER_H_

#include <cstdint>
#include <mutex>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ssnas/datasets/image_folder/rgb_image.h"

namespace ssnas {

enum class ImageFormat { kJpeg, kPng, kOther };

// By the first bytes, whatever the file is called; 12 bytes are enough.
ImageFormat FormatOf(absl::string_view bytes);

struct DecoderOptions {
  int size = 96;  // shorter side of what is kept
  bool whole = false;
  int64_t max_pixels = 64'000'000;
};

// Cuts and resizes; the image is upright and at least 1×1.
RgbImage Fit(const RgbImage& image, int size, bool whole);

class ImageDecoder {
 public:
  explicit ImageDecoder(const DecoderOptions& options) : options_(options) {}

  // Thread-safe. InvalidArgument says what is wrong, in words that go on after a file's name.
  absl::StatusOr<RgbImage> Decode(absl::string_view bytes) const;

 private:
  absl::StatusOr<RgbImage> DecodeUpright(absl::string_view bytes) const;

  const DecoderOptions options_;
  mutable std::mutex large_;  // held while a large image is decoded
};

}  // namespace ssnas

#endif  // SSNAS_DATASETS_IMAGE_FOLDER_IMAGE_DECODER_H_
