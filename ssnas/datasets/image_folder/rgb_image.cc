#include "ssnas/datasets/image_folder/rgb_image.h"

#include <cstddef>
#include <utility>

namespace ssnas {
namespace {

constexpr uint32_t kOrientationTag = 0x0112, kShortType = 3, kTiffVersion = 42;
constexpr size_t kEntryBytes = 12;

// Numbers of a TIFF file; 0 past its end.
class TiffReader {
 public:
  TiffReader(absl::string_view bytes, bool little_endian)
      : bytes_(bytes), little_endian_(little_endian) {}

  uint32_t Number(size_t at, size_t length) const {
    if (at > bytes_.size() || bytes_.size() - at < length) return 0;
    uint32_t value = 0;
    for (size_t i = 0; i < length; ++i) {
      const size_t from = little_endian_ ? at + length - 1 - i : at + i;
      value = value << 8 | static_cast<uint8_t>(bytes_[from]);
    }
    return value;
  }

 private:
  const absl::string_view bytes_;
  const bool little_endian_;
};

}  // namespace

RgbImage Upright(RgbImage image, int orientation) {
  if (orientation <= 1 || orientation > 8) return image;
  const int height = image.height, width = image.width;
  const bool turned = orientation >= 5;
  const bool rows_back =
      orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  const bool columns_back =
      orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  RgbImage out{.height = turned ? width : height, .width = turned ? height : width, .pixels = {}};
  out.pixels.resize(image.pixels.size());
  uint8_t* to = out.pixels.data();
  for (int y = 0; y < out.height; ++y) {
    for (int x = 0; x < out.width; ++x) {
      int row = turned ? x : y, column = turned ? y : x;
      if (rows_back) row = height - 1 - row;
      if (columns_back) column = width - 1 - column;
      const uint8_t* from = &image.pixels[3 * (static_cast<size_t>(row) * width + column)];
      for (int c = 0; c < 3; ++c) *to++ = from[c];
    }
  }
  return out;
}

int ExifOrientation(absl::string_view tiff) {
  if (tiff.size() < 8) return 1;
  const absl::string_view order = tiff.substr(0, 2);
  if (order != "II" && order != "MM") return 1;
  const TiffReader reader(tiff, order == "II");
  if (reader.Number(2, 2) != kTiffVersion) return 1;
  const size_t directory = reader.Number(4, 4);
  const uint32_t entries = reader.Number(directory, 2);
  for (uint32_t i = 0; i < entries; ++i) {
    const size_t entry = directory + 2 + i * kEntryBytes;
    if (entry >= tiff.size()) break;
    if (reader.Number(entry, 2) != kOrientationTag) continue;
    const uint32_t value = reader.Number(entry + 8, 2);
    const bool valid = reader.Number(entry + 2, 2) == kShortType && value >= 1 && value <= 8;
    return valid ? static_cast<int>(value) : 1;
  }
  return 1;
}

}  // namespace ssnas
