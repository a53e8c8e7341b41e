// Any bytes are an image of the asked size, or an error with a reason; the same every time.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "ssnas/core/logging.h"
#include "ssnas/datasets/image_folder/image_decoder.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
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
  return 0;
}
