// PNG files to RGB (libspng).
//
// Palettes, grey and 1, 2, 4 or 16 bits a channel become 8-bit RGB, of 16 bits the upper 8. What is
// transparent is put on white. Gamma and colour profiles are not applied. A file that ends too
// early or fails a checksum is an error, as are extra chunks of more than 16 MB.
// Source: PNG specification, third edition.
//
// Example:
//   SSNAS_ASSIGN_OR_RETURN(const PngHeader header, ReadPngHeader(bytes));
//   SSNAS_ASSIGN_OR_RETURN(const PngImage png, DecodePng(bytes));
#ifndef SSNAS_DATASETS_IMAGE_FOLDER_PNG_H_
#define SSNAS_DATASETS_IMAGE_FOLDER_PNG_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ssnas/datasets/image_folder/rgb_image.h"

namespace ssnas {

struct PngHeader {
  int height = 0, width = 0;
};

struct PngImage {
  RgbImage image;       // as stored, not turned
  int orientation = 1;  // of its eXIf chunk
};

// InvalidArgument says what is wrong with the bytes, in words that go on after a file's name.
absl::StatusOr<PngHeader> ReadPngHeader(absl::string_view bytes);
absl::StatusOr<PngImage> DecodePng(absl::string_view bytes);

}  // namespace ssnas

#endif  // SSNAS_DATASETS_IMAGE_FOLDER_PNG_H_
