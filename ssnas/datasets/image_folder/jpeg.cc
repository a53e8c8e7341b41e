#include "ssnas/datasets/image_folder/jpeg.h"

#include <turbojpeg.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "ssnas/core/logging.h"

namespace ssnas {
namespace {

constexpr int kDamageIsAnError = TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS | TJFLAG_ACCURATEDCT;

struct Destroy {
  void operator()(void* handle) const { tjDestroy(handle); }
};
using Decoder = std::unique_ptr<void, Destroy>;

Decoder MakeDecoder() {
  Decoder decoder(tjInitDecompress());
  CHECK(decoder != nullptr) << tjGetErrorStr2(nullptr);
  return decoder;
}

absl::Status Damaged(const Decoder& decoder) {
  return absl::InvalidArgumentError(
      absl::StrCat("is a damaged JPEG file: ", tjGetErrorStr2(decoder.get())));
}

const uint8_t* Bytes(absl::string_view bytes) {
  return reinterpret_cast<const uint8_t*>(bytes.data());
}

// What TurboJPEG does not tell, from the segments before the first scan; it judges whether these
// are whole.
void ReadSegments(absl::string_view bytes, JpegHeader* header) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(bytes[i]); };
  for (size_t at = 2; at + 4 <= bytes.size();) {
    if (byte(at) != 0xFF) return;
    const int marker = byte(at + 1);
    if (marker == 0xFF) {  // fill
      ++at;
      continue;
    }
    if (marker == 0xDA || marker == 0xD9) return;  // scan, end
    const size_t length = byte(at + 2) << 8 | byte(at + 3);
    if (length < 2 || at + 2 + length > bytes.size()) return;
    absl::string_view segment = bytes.substr(at + 4, length - 2);
    if (marker == 0xC2) header->progressive = true;
    if (marker == 0xE1 && absl::ConsumePrefix(&segment, absl::string_view("Exif\0\0", 6))) {
      header->orientation = ExifOrientation(segment);
    }
    at += 2 + length;
  }
}

// R = C·K/255, rounded; both stored inverted.
std::vector<uint8_t> CmykToRgb(const std::vector<uint8_t>& cmyk) {
  std::vector<uint8_t> rgb(cmyk.size() / 4 * 3);
  for (size_t i = 0; i < cmyk.size() / 4; ++i) {
    const int black = cmyk[4 * i + 3];
    for (int c = 0; c < 3; ++c) {
      rgb[3 * i + c] = static_cast<uint8_t>((cmyk[4 * i + c] * black + 127) / 255);
    }
  }
  return rgb;
}

}  // namespace

absl::StatusOr<JpegHeader> ReadJpegHeader(absl::string_view bytes) {
  const Decoder decoder = MakeDecoder();
  JpegHeader header;
  int subsampling = -1, colors = -1;
  const int code = tjDecompressHeader3(decoder.get(), Bytes(bytes), bytes.size(), &header.width,
                                       &header.height, &subsampling, &colors);
  // Unusual subsampling is an error to TurboJPEG, but not to libjpeg, which decodes it.
  const bool usable = header.width > 0 && header.height > 0 && colors >= 0;
  const bool unusual = usable && subsampling < 0;
  if (code != 0 && !unusual) return Damaged(decoder);
  if (!usable) return absl::InvalidArgumentError("is a damaged JPEG file: it has no image");
  header.cmyk = colors == TJCS_CMYK || colors == TJCS_YCCK;
  ReadSegments(bytes, &header);
  return header;
}

JpegSize ScaledSize(const JpegHeader& header, int wanted) {
  // The scales that have SIMD code.
  int divisor = 8;
  const auto scaled = [&](int side) { return (side + divisor - 1) / divisor; };
  while (divisor > 1 && scaled(std::min(header.height, header.width)) < wanted) divisor /= 2;
  return {.height = scaled(header.height), .width = scaled(header.width)};
}

absl::StatusOr<RgbImage> DecodeJpeg(absl::string_view bytes, const JpegHeader& header, int wanted) {
  const Decoder decoder = MakeDecoder();
  const JpegSize size = ScaledSize(header, wanted);
  RgbImage image{.height = size.height, .width = size.width, .pixels = {}};
  image.pixels.resize(static_cast<size_t>(size.height) * size.width * (header.cmyk ? 4 : 3));
  if (tjDecompress2(decoder.get(), Bytes(bytes), bytes.size(), image.pixels.data(), size.width,
                    /*pitch=*/0, size.height, header.cmyk ? TJPF_CMYK : TJPF_RGB,
                    kDamageIsAnError) != 0) {
    return Damaged(decoder);
  }
  if (header.cmyk) image.pixels = CmykToRgb(image.pixels);
  return image;
}

}  // namespace ssnas
