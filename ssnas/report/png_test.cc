#include "ssnas/report/png.h"

#include <cstddef>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/statusor.h"
#include "gtest/gtest.h"
#include "spng.h"

namespace ssnas {
namespace {

struct Decoded {
  spng_ihdr header = {};
  std::vector<uint8_t> pixels;
};

Decoded Decode(const std::string& png, int format) {
  const std::unique_ptr<spng_ctx, void (*)(spng_ctx*)> context(spng_ctx_new(0), spng_ctx_free);
  Decoded image;
  size_t size = 0;
  EXPECT_EQ(spng_set_png_buffer(context.get(), png.data(), png.size()), 0);
  EXPECT_EQ(spng_get_ihdr(context.get(), &image.header), 0);
  EXPECT_EQ(spng_decoded_image_size(context.get(), format, &size), 0);
  image.pixels.resize(size);
  EXPECT_EQ(spng_decode_image(context.get(), image.pixels.data(), size, format, 0), 0);
  return image;
}

TEST(EncodePngTest, GreyComesBack) {
  const std::vector<uint8_t> pixels = {0, 1, 2, 128, 254, 255};
  const absl::StatusOr<std::string> png = EncodePng(pixels.data(), 2, 3, 1);
  ASSERT_TRUE(png.ok()) << png.status();
  const Decoded image = Decode(*png, SPNG_FMT_G8);
  EXPECT_EQ(image.header.width, 3u);
  EXPECT_EQ(image.header.height, 2u);
  EXPECT_EQ(image.header.color_type, SPNG_COLOR_TYPE_GRAYSCALE);
  EXPECT_EQ(image.pixels, pixels);
}

TEST(EncodePngTest, ColourComesBack) {
  const std::vector<uint8_t> pixels = {255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 8, 7};
  const absl::StatusOr<std::string> png = EncodePng(pixels.data(), 2, 2, 3);
  ASSERT_TRUE(png.ok()) << png.status();
  EXPECT_EQ(Decode(*png, SPNG_FMT_RGB8).pixels, pixels);
}

TEST(EncodePngTest, SaysWhatIsWrong) {
  const uint8_t pixel[4] = {};
  for (const auto& [height, width, channels] :
       std::vector<std::tuple<int, int, int>>{{0, 1, 1}, {1, -1, 1}, {1, 1, 2}, {1, 20000, 1}}) {
    const absl::StatusOr<std::string> png = EncodePng(pixel, height, width, channels);
    EXPECT_EQ(png.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_NE(png.status().message().find("channels 1 or 3"), std::string::npos);
  }
}

}  // namespace
}  // namespace ssnas
