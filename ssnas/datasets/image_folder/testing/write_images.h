// Image files for tests, of every kind that people have and of a few that nobody should.
//
// Example:
//   const std::string file = WriteJpeg(Plain(20, 30, 10, 200, 90), {.orientation = 6});
#ifndef SSNAS_DATASETS_IMAGE_FOLDER_TESTING_WRITE_IMAGES_H_
#define SSNAS_DATASETS_IMAGE_FOLDER_TESTING_WRITE_IMAGES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "ssnas/datasets/image_folder/rgb_image.h"

namespace ssnas {

// One colour.
RgbImage Plain(int height, int width, uint8_t red, uint8_t green, uint8_t blue);

// Four colours: red, green in the upper half, blue, white in the lower.
RgbImage Quarters(int height, int width);

// Noise, so that the file is long; the same for the same seed.
RgbImage Noise(int height, int width, uint64_t seed);

struct JpegOptions {
  bool grey = false;  // of the red channel
  bool progressive = false;
  bool subsampled = false;  // 4:2:0
  int orientation = 0;      // 0: without EXIF
};
std::string WriteJpeg(const RgbImage& image, const JpegOptions& options = {});

// `cmyk`: height × width × 4 bytes as they are stored.
std::string WriteCmykJpeg(int height, int width, const std::vector<uint8_t>& cmyk);

struct PngOptions {
  int color_type = 2;  // 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha
  int bit_depth = 8;
  bool interlaced = false;
  int orientation = 0;                // 0: without eXIf
  std::vector<uint8_t> palette = {};  // red, green, blue, alpha of each entry
};
// `bytes`: rows as PNG stores them, 16-bit samples in the machine's order.
std::string WritePng(int height, int width, const std::vector<uint8_t>& bytes,
                     const PngOptions& options = {});

// What follows "Exif\0\0": a TIFF header with one directory of one entry.
std::string ExifBytes(int orientation, bool little_endian);

// A PNG's first 33 bytes, with a right CRC.
std::string PngHeaderBytes(uint32_t height, uint32_t width);

}  // namespace ssnas

#endif  // SSNAS_DATASETS_IMAGE_FOLDER_TESTING_WRITE_IMAGES_H_
