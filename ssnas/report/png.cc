#include "ssnas/report/png.h"

#include <cstddef>
#include <cstdlib>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "spng.h"
#include "ssnas/core/status_macros.h"

namespace ssnas {
namespace {

constexpr int kMaxSide = 16384;

struct FreeContext {
  void operator()(spng_ctx* context) const { spng_ctx_free(context); }
};
struct FreeBuffer {
  void operator()(void* buffer) const { std::free(buffer); }
};

absl::Status Failed(int code) {
  return absl::InternalError(
      absl::StrCat("libspng cannot encode the image: ", spng_strerror(code)));
}

}  // namespace

absl::StatusOr<std::string> EncodePng(const uint8_t* pixels, int height, int width, int channels) {
  if (height < 1 || width < 1 || height > kMaxSide || width > kMaxSide ||
      (channels != 1 && channels != 3)) {
    return absl::InvalidArgumentError(
        absl::StrFormat("an image of %d×%d with %d channels cannot be a PNG here: sides are 1 to "
                        "%d, channels 1 or 3",
                        height, width, channels, kMaxSide));
  }
  const std::unique_ptr<spng_ctx, FreeContext> context(spng_ctx_new(SPNG_CTX_ENCODER));
  if (context == nullptr) return absl::ResourceExhaustedError("no memory for a PNG encoder");
  spng_ihdr header = {};
  header.width = static_cast<uint32_t>(width);
  header.height = static_cast<uint32_t>(height);
  header.bit_depth = 8;
  header.color_type = channels == 1 ? SPNG_COLOR_TYPE_GRAYSCALE : SPNG_COLOR_TYPE_TRUECOLOR;
  if (const int code = spng_set_option(context.get(), SPNG_ENCODE_TO_BUFFER, 1))
    return Failed(code);
  if (const int code = spng_set_ihdr(context.get(), &header)) return Failed(code);
  const size_t size = static_cast<size_t>(height) * width * channels;
  if (const int code =
          spng_encode_image(context.get(), pixels, size, SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE)) {
    return Failed(code);
  }
  size_t bytes = 0;
  int code = 0;
  const std::unique_ptr<void, FreeBuffer> buffer(spng_get_png_buffer(context.get(), &bytes, &code));
  if (buffer == nullptr) return Failed(code);
  return std::string(static_cast<const char*>(buffer.get()), bytes);
}

absl::StatusOr<std::string> EncodePngBase64(const uint8_t* pixels, int height, int width,
                                            int channels) {
  SSNAS_ASSIGN_OR_RETURN(const std::string png, EncodePng(pixels, height, width, channels));
  return absl::Base64Escape(png);
}

}  // namespace ssnas
