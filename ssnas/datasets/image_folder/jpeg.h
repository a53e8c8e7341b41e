// JPEG files to RGB, scaled down while decoding (libjpeg-turbo, through TurboJPEG, which catches
// libjpeg's longjmp on its own side: no C++ frame is jumped over).
//
// Grey becomes three equal channels. CMYK is taken to be stored inverted, as Adobe's programs and
// with them all others write it: R = C·K/255. Whatever libjpeg warns of (a file cut short, gaps
// between scans, bad codes) is damage and an error. At most 500 scans. Nothing is allocated for the
// pixels before the header was read.
// Source: ITU-T T.81; Exif 2.3.
//
// Example:
//   SSNAS_ASSIGN_OR_RETURN(const JpegHeader header, ReadJpegHeader(bytes));
//   // Half, a quarter or an eighth of the size, as long as no side is below 96:
//   SSNAS_ASSIGN_OR_RETURN(const RgbImage image, DecodeJpeg(bytes, header, 96));
#ifndef SSNAS_DATASETS_IMAGE_FOLDER_JPEG_H_
#define SSNAS_DATASETS_IMAGE_FOLDER_JPEG_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ssnas/datasets/image_folder/rgb_image.h"

namespace ssnas {

struct JpegHeader {
  int height = 0, width = 0;
  int orientation = 1;  // EXIF's
  bool cmyk = false;
  bool progressive = false;  // libjpeg then keeps the coefficients of the whole image
};

// InvalidArgument says what is wrong with the bytes, in words that go on after a file's name.
absl::StatusOr<JpegHeader> ReadJpegHeader(absl::string_view bytes);

// Height and width that DecodeJpeg gives for a shorter side of at least `wanted`.
struct JpegSize {
  int height = 0, width = 0;
};
JpegSize ScaledSize(const JpegHeader& header, int wanted);

// The image as it is stored, not turned. Errors as above.
absl::StatusOr<RgbImage> DecodeJpeg(absl::string_view bytes, const JpegHeader& header, int wanted);

}  // namespace ssnas

#endif  // SSNAS_DATASETS_IMAGE_FOLDER_JPEG_H_
