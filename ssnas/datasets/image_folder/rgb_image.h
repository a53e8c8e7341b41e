// A decoded image: red, green and blue bytes, row by row; upright after Upright.
//
// Example:
//   image = Upright(std::move(image), ExifOrientation(exif));
#ifndef SSNAS_DATASETS_IMAGE_FOLDER_RGB_IMAGE_H_
#define SSNAS_DATASETS_IMAGE_FOLDER_RGB_IMAGE_H_

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"

namespace ssnas {

struct RgbImage {
  int height = 0, width = 0;
  std::vector<uint8_t> pixels;  // height × width × 3
};

// `orientation` is EXIF's, 1 … 8: where row 0 and column 0 of the stored image belong. 1 changes
// nothing, 5 to 8 exchange height and width.
RgbImage Upright(RgbImage image, int orientation);

// The orientation that EXIF data (a TIFF header and its first directory) names; 1 where they name
// none, or are damaged.
int ExifOrientation(absl::string_view tiff);

}  // namespace ssnas

#endif  // SSNAS_DATASETS_IMAGE_FOLDER_RGB_IMAGE_H_
