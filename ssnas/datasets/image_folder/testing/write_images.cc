#include "ssnas/datasets/image_folder/testing/write_images.h"

#include <spng.h>
#include <turbojpeg.h>
#include <zlib.h>

#include <cstddef>
#include <cstdlib>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "ssnas/core/logging.h"
#include "ssnas/core/philox.h"

namespace ssnas {
namespace {

std::string Number(uint64_t value, int bytes, bool little_endian) {
  std::string text;
  for (int i = 0; i < bytes; ++i) {
    const int place = little_endian ? i : bytes - 1 - i;
    text.push_back(static_cast<char>(value >> (8 * place) & 255));
  }
  return text;
}

// `pixels` in one of TurboJPEG's formats.
std::string Compress(const std::vector<uint8_t>& pixels, int height, int width, int format,
                     int subsampling, bool progressive) {
  const std::unique_ptr<void, int (*)(void*)> encoder(tjInitCompress(), tjDestroy);
  unsigned char* file = nullptr;
  unsigned long size = 0;  // NOLINT: TurboJPEG's type
  CHECK_EQ(tjCompress2(encoder.get(), pixels.data(), width, /*pitch=*/0, height, format, &file,
                       &size, subsampling, /*jpegQual=*/100,
                       TJFLAG_ACCURATEDCT | (progressive ? TJFLAG_PROGRESSIVE : 0)),
           0)
      << tjGetErrorStr2(encoder.get());
  std::string bytes(reinterpret_cast<char*>(file), size);
  tjFree(file);
  return bytes;
}

}  // namespace

RgbImage Plain(int height, int width, uint8_t red, uint8_t green, uint8_t blue) {
  RgbImage image{.height = height, .width = width, .pixels = {}};
  for (int i = 0; i < height * width; ++i) {
    image.pixels.insert(image.pixels.end(), {red, green, blue});
  }
  return image;
}

RgbImage Quarters(int height, int width) {
  RgbImage image{.height = height, .width = width, .pixels = {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const bool lower = 2 * y >= height, right = 2 * x >= width;
      const auto on = [](bool value) { return static_cast<uint8_t>(value ? 255 : 0); };
      image.pixels.insert(image.pixels.end(), {on(lower == right), on(right), on(lower)});
    }
  }
  return image;
}

RgbImage Noise(int height, int width, uint64_t seed) {
  RgbImage image{.height = height, .width = width, .pixels = {}};
  Philox random({.seed = seed, .purpose = Purpose::kTest});
  for (int i = 0; i < 3 * height * width; ++i) {
    image.pixels.push_back(static_cast<uint8_t>(random.Below(256)));
  }
  return image;
}

std::string WriteJpeg(const RgbImage& image, const JpegOptions& options) {
  std::string bytes;
  if (options.grey) {
    std::vector<uint8_t> grey;
    for (size_t i = 0; i < image.pixels.size(); i += 3) grey.push_back(image.pixels[i]);
    bytes = Compress(grey, image.height, image.width, TJPF_GRAY, TJSAMP_GRAY, options.progressive);
  } else {
    bytes = Compress(image.pixels, image.height, image.width, TJPF_RGB,
                     options.subsampled ? TJSAMP_420 : TJSAMP_444, options.progressive);
  }
  if (options.orientation == 0) return bytes;
  const std::string segment =
      absl::StrCat(absl::string_view("Exif\0\0", 6),
                   ExifBytes(options.orientation, /*little_endian=*/options.orientation % 2 == 0));
  return bytes.insert(2, absl::StrCat("\xFF\xE1", Number(segment.size() + 2, 2, false), segment));
}

std::string WriteCmykJpeg(int height, int width, const std::vector<uint8_t>& cmyk) {
  return Compress(cmyk, height, width, TJPF_CMYK, TJSAMP_444, /*progressive=*/false);
}

std::string WritePng(int height, int width, const std::vector<uint8_t>& bytes,
                     const PngOptions& options) {
  const std::unique_ptr<spng_ctx, void (*)(spng_ctx*)> context(spng_ctx_new(SPNG_CTX_ENCODER),
                                                               spng_ctx_free);
  CHECK_EQ(spng_set_option(context.get(), SPNG_ENCODE_TO_BUFFER, 1), 0);
  spng_ihdr header = {.width = static_cast<uint32_t>(width),
                      .height = static_cast<uint32_t>(height),
                      .bit_depth = static_cast<uint8_t>(options.bit_depth),
                      .color_type = static_cast<uint8_t>(options.color_type),
                      .interlace_method = options.interlaced};
  CHECK_EQ(spng_set_ihdr(context.get(), &header), 0);
  if (!options.palette.empty()) {
    spng_plte palette = {};
    spng_trns alpha = {};
    palette.n_entries = alpha.n_type3_entries = static_cast<uint32_t>(options.palette.size() / 4);
    for (uint32_t i = 0; i < palette.n_entries; ++i) {
      const uint8_t* entry = &options.palette[size_t{4} * i];
      palette.entries[i] = {.red = entry[0], .green = entry[1], .blue = entry[2]};
      alpha.type3_alpha[i] = entry[3];
    }
    CHECK_EQ(spng_set_plte(context.get(), &palette), 0);
    CHECK_EQ(spng_set_trns(context.get(), &alpha), 0);
  }
  std::string exif = ExifBytes(options.orientation, /*little_endian=*/false);
  spng_exif chunk = {.length = exif.size(), .data = exif.data()};
  if (options.orientation != 0) CHECK_EQ(spng_set_exif(context.get(), &chunk), 0);
  CHECK_EQ(spng_encode_image(context.get(), bytes.data(), bytes.size(), SPNG_FMT_PNG,
                             SPNG_ENCODE_FINALIZE),
           0);
  size_t size = 0;
  int code = 0;
  const std::unique_ptr<void, void (*)(void*)> buffer(
      spng_get_png_buffer(context.get(), &size, &code), std::free);
  CHECK_EQ(code, 0);
  return {static_cast<const char*>(buffer.get()), size};
}

std::string ExifBytes(int orientation, bool little_endian) {
  const auto number = [&](uint64_t value, int bytes) {
    return Number(value, bytes, little_endian);
  };
  return absl::StrCat(little_endian ? "II" : "MM", number(42, 2), number(8, 4), number(1, 2),
                      number(0x0112, 2), number(3, 2), number(1, 4), number(orientation, 2),
                      number(0, 2), number(0, 4));
}

std::string PngHeaderBytes(uint32_t height, uint32_t width) {
  const std::string chunk = absl::StrCat("IHDR", Number(width, 4, false), Number(height, 4, false),
                                         absl::string_view("\x08\x02\0\0\0", 5));
  const auto crc = crc32(0, reinterpret_cast<const Bytef*>(chunk.data()), chunk.size());
  return absl::StrCat("\x89PNG\r\n\x1a\n", Number(13, 4, false), chunk, Number(crc, 4, false));
}

}  // namespace ssnas
