// Any bytes are an image of the asked size, or an error with a reason; the same every time. A PNG
// also with the checksums of its chunks made right, or hardly any change would get past them.
#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "ssnas/core/logging.h"
#include "ssnas/datasets/image_folder/image_decoder.h"

namespace {

constexpr size_t kSignature = 8, kBeside = 12;  // bytes of a chunk beside its data

void Check(absl::string_view bytes) {
  // Small, so that an input is milliseconds; larger ones are refused as bombs are.
  for (const bool whole : {false, true}) {
    const ssnas::ImageDecoder decoder({.size = 8, .whole = whole, .max_pixels = 1 << 16});
    const auto image = decoder.Decode(bytes);
    if (!image.ok()) {
      CHECK(!image.status().message().empty());
      continue;
    }
    CHECK_EQ(std::min(image->height, image->width), 8);
    CHECK_LE(std::max(image->height, image->width), whole ? 32 : 8);
    CHECK_EQ(image->pixels.size(), size_t{3} * image->height * image->width);
    CHECK(decoder.Decode(bytes)->pixels == image->pixels);
  }
}

// Each chunk is its data's length, four letters, the data, and CRC-32 of letters and data.
std::string WithRightChecksums(std::string png) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(png.data());
  for (size_t at = kSignature; at + kBeside <= png.size();) {
    size_t length = 0;
    for (size_t i = at; i < at + 4; ++i) length = length << 8 | bytes[i];
    if (length > png.size() - at - kBeside) break;
    const uLong checksum = crc32(0, bytes + at + 4, static_cast<uInt>(length + 4));
    for (size_t i = 0; i < 4; ++i) {
      png[at + 8 + length + i] = static_cast<char>(checksum >> (24 - 8 * i));
    }
    at += kBeside + length;
  }
  return png;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  Check(bytes);
  if (absl::StartsWith(bytes, "\x89PNG\r\n\x1a\n")) Check(WithRightChecksums(std::string(bytes)));
  return 0;
}
