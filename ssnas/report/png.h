// Small images as PNG bytes, through libspng.
//
// Example:
//   SSNAS_ASSIGN_OR_RETURN(const std::string png, EncodePng(pixels, 28, 28, 1));
#ifndef SSNAS_REPORT_PNG_H_
#define SSNAS_REPORT_PNG_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace ssnas {

// `pixels`: height × width × channels bytes, rows from the top; channels 1 (grey) or 3 (RGB).
// InvalidArgument for other channels, for sizes outside 1 … 16,384.
absl::StatusOr<std::string> EncodePng(const uint8_t* pixels, int height, int width, int channels);
// The same in base64, as JSON and HTML hold it.
absl::StatusOr<std::string> EncodePngBase64(const uint8_t* pixels, int height, int width,
                                            int channels);

}  // namespace ssnas

#endif  // SSNAS_REPORT_PNG_H_
