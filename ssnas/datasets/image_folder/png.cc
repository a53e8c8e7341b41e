#include "ssnas/datasets/image_folder/png.h"

#include <spng.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "ssnas/core/logging.h"
#include "ssnas/core/status_macros.h"

namespace ssnas {
namespace {

constexpr size_t kMaxChunk = 16'000'000;

struct FreeContext {
  void operator()(spng_ctx* context) const { spng_ctx_free(context); }
};
using Context = std::unique_ptr<spng_ctx, FreeContext>;

absl::Status Damaged(int code) {
  return absl::InvalidArgumentError(absl::StrCat(
      "is a damaged PNG file: ", code < 0 ? "it ends too early" : spng_strerror(code)));
}

absl::StatusOr<Context> Open(absl::string_view bytes) {
  Context context(spng_ctx_new(0));
  CHECK(context != nullptr) << "no memory for a PNG decoder";
  int code = spng_set_chunk_limits(context.get(), kMaxChunk, kMaxChunk);
  if (code == 0) code = spng_set_png_buffer(context.get(), bytes.data(), bytes.size());
  if (code != 0) return Damaged(code);
  return context;
}

// Composites on white, rounded: c·a + 255·(1 − a).
std::vector<uint8_t> OnWhite(const std::vector<uint8_t>& rgba) {
  std::vector<uint8_t> rgb(rgba.size() / 4 * 3);
  for (size_t i = 0; i < rgba.size() / 4; ++i) {
    const int alpha = rgba[4 * i + 3];
    for (int c = 0; c < 3; ++c) {
      const int sum = rgba[4 * i + c] * alpha + 255 * (255 - alpha);
      rgb[3 * i + c] = static_cast<uint8_t>((sum + 127) / 255);
    }
  }
  return rgb;
}

}  // namespace

absl::StatusOr<PngHeader> ReadPngHeader(absl::string_view bytes) {
  SSNAS_ASSIGN_OR_RETURN(const Context context, Open(bytes));
  spng_ihdr header = {};
  const int code = spng_get_ihdr(context.get(), &header);
  if (code == SPNG_EOVERFLOW) {
    return absl::InvalidArgumentError("has more pixels than a memory can hold");
  }
  if (code != 0) return Damaged(code);
  // The format allows 2³¹ − 1.
  return PngHeader{.height = static_cast<int>(header.height),
                   .width = static_cast<int>(header.width)};
}

absl::StatusOr<PngImage> DecodePng(absl::string_view bytes) {
  SSNAS_ASSIGN_OR_RETURN(const Context context, Open(bytes));
  spng_ihdr header = {};
  size_t size = 0;
  int code = spng_get_ihdr(context.get(), &header);
  if (code == 0) code = spng_decoded_image_size(context.get(), SPNG_FMT_RGBA8, &size);
  if (code != 0) return Damaged(code);
  std::vector<uint8_t> rgba(size);
  code = spng_decode_image(context.get(), rgba.data(), size, SPNG_FMT_RGBA8, SPNG_DECODE_TRNS);
  // The last checksums are read only with what follows the pixels.
  if (code == 0) code = spng_decode_chunks(context.get());
  if (code != 0) return Damaged(code);
  PngImage png;
  spng_exif exif = {};
  if (spng_get_exif(context.get(), &exif) == 0) {
    png.orientation = ExifOrientation({exif.data, exif.length});
  }
  png.image = {.height = static_cast<int>(header.height),
               .width = static_cast<int>(header.width),
               .pixels = OnWhite(rgba)};
  return png;
}

}  // namespace ssnas
