#include "ssnas/datasets/image_folder/image_decoder.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "ssnas/datasets/image_folder/jpeg.h"
#include "ssnas/datasets/image_folder/png.h"
#include "ssnas/datasets/image_folder/testing/write_images.h"

namespace ssnas {
namespace {

using Color = std::vector<int>;

Color At(const RgbImage& image, int y, int x) {
  const size_t at = 3 * (static_cast<size_t>(y) * image.width + x);
  return {image.pixels[at], image.pixels[at + 1], image.pixels[at + 2]};
}

// The largest difference of a channel.
int Distance(const Color& a, const Color& b) {
  int largest = 0;
  for (size_t c = 0; c < a.size(); ++c) largest = std::max(largest, std::abs(a[c] - b[c]));
  return largest;
}

RgbImage Decoded(const std::string& file, DecoderOptions options = {.size = 16}) {
  const absl::StatusOr<RgbImage> image = ImageDecoder(options).Decode(file);
  EXPECT_TRUE(image.ok()) << image.status();
  return image.value_or(Plain(1, 1, 0, 0, 0));
}

std::string Refused(const std::string& file, DecoderOptions options = {.size = 16}) {
  return std::string(ImageDecoder(options).Decode(file).status().message());
}

TEST(ImageDecoderTest, AColourStaysWhatItIsInEveryKindOfJpeg) {
  const RgbImage plain = Plain(40, 50, 200, 100, 50);
  for (const JpegOptions& options :
       {JpegOptions{}, JpegOptions{.progressive = true}, JpegOptions{.subsampled = true}}) {
    const RgbImage image = Decoded(WriteJpeg(plain, options));
    ASSERT_EQ(image.height, 16);
    ASSERT_EQ(image.width, 16);
    for (int i = 0; i < 16; ++i) {
      // To YCbCr in whole numbers and back: half a step each way, times at most 1.772.
      EXPECT_LE(Distance(At(image, i, i), {200, 100, 50}), 2);
    }
  }
  EXPECT_EQ(At(Decoded(WriteJpeg(plain, {.grey = true})), 3, 4), (Color{200, 200, 200}));
}

TEST(ImageDecoderTest, CmykIsStoredInverted) {
  std::vector<uint8_t> cmyk;
  for (int i = 0; i < 32 * 32; ++i) cmyk.insert(cmyk.end(), {255, 128, 0, 100});
  // 255·100/255, 128·100/255 = 50.2, 0.
  const RgbImage image = Decoded(WriteCmykJpeg(32, 32, cmyk));
  EXPECT_LE(Distance(At(image, 8, 8), {100, 50, 0}), 2);
}

TEST(ImageDecoderTest, EveryKindOfPng) {
  const auto plain = [](std::vector<uint8_t> pixel) {
    std::vector<uint8_t> bytes;
    for (int i = 0; i < 16 * 16; ++i) bytes.insert(bytes.end(), pixel.begin(), pixel.end());
    return bytes;
  };
  const auto color = [](const std::string& file) { return At(Decoded(file), 7, 9); };
  EXPECT_EQ(color(WritePng(16, 16, plain({7, 8, 9}))), (Color{7, 8, 9}));
  EXPECT_EQ(color(WritePng(16, 16, plain({7, 8, 9}), {.interlaced = true})), (Color{7, 8, 9}));
  EXPECT_EQ(color(WritePng(16, 16, plain({77}), {.color_type = 0})), (Color{77, 77, 77}));
  // 0xABCD keeps 0xAB, in both halves of the 16-bit formats; the machine is little-endian.
  EXPECT_EQ(color(WritePng(16, 16, plain({0xCD, 0xAB}), {.color_type = 0, .bit_depth = 16})),
            (Color{0xAB, 0xAB, 0xAB}));
  EXPECT_EQ(color(WritePng(16, 16, plain({0xCD, 0xAB, 0x34, 0x12, 0xFF, 0x80}),
                           {.color_type = 2, .bit_depth = 16})),
            (Color{0xAB, 0x12, 0x80}));
  // On white: 100·200/255 + 255·55/255 = 133.4.
  EXPECT_EQ(color(WritePng(16, 16, plain({100, 200}), {.color_type = 4})), (Color{133, 133, 133}));
  EXPECT_EQ(color(WritePng(16, 16, plain({0, 100, 255, 0}), {.color_type = 6})),
            (Color{255, 255, 255}));
  EXPECT_EQ(color(WritePng(16, 16, plain({0, 100, 255, 255}), {.color_type = 6})),
            (Color{0, 100, 255}));
  // Two entries, one of them clear; one bit a pixel: rows of two bytes.
  const std::vector<uint8_t> palette = {10, 20, 30, 255, 1, 2, 3, 0};
  EXPECT_EQ(color(WritePng(16, 16, plain({0}), {.color_type = 3, .palette = palette})),
            (Color{10, 20, 30}));
  EXPECT_EQ(color(WritePng(16, 16, plain({1}), {.color_type = 3, .palette = palette})),
            (Color{255, 255, 255}));
  EXPECT_EQ(
      color(WritePng(16, 16, std::vector<uint8_t>(32, 0xFF), {.color_type = 0, .bit_depth = 1})),
      (Color{255, 255, 255}));
}

// Where the corners of the stored image (red, green; blue, white) are seen, for each orientation:
// upper left, upper right, lower left, lower right. From the table of Exif 2.3 (section 4.6.4).
TEST(ImageDecoderTest, TurnsImagesUpright) {
  const std::string corners[] = {"RGBW", "GRWB", "WBGR", "BWRG", "RBGW", "BRWG", "WGBR", "GWRB"};
  const auto letter = [](const Color& color) {
    for (const char name : {'R', 'G', 'B', 'W'}) {
      const Color wanted =
          name == 'W' ? Color{255, 255, 255}
                      : Color{255 * (name == 'R'), 255 * (name == 'G'), 255 * (name == 'B')};
      if (Distance(color, wanted) < 60) return name;
    }
    return '?';
  };
  const RgbImage stored = Quarters(32, 64);
  for (int orientation = 1; orientation <= 8; ++orientation) {
    for (const std::string& file :
         {WriteJpeg(stored, {.orientation = orientation}),
          WritePng(32, 64, stored.pixels, {.orientation = orientation})}) {
      const RgbImage image = Decoded(file, {.size = 16, .whole = true});
      const bool turned = orientation >= 5;
      ASSERT_EQ(image.height, turned ? 32 : 16) << orientation;
      ASSERT_EQ(image.width, turned ? 16 : 32) << orientation;
      std::string seen;
      for (const int y : {1, image.height - 2}) {
        for (const int x : {1, image.width - 2}) seen.push_back(letter(At(image, y, x)));
      }
      EXPECT_EQ(seen, corners[orientation - 1]) << orientation;
    }
  }
}

TEST(ImageDecoderTest, DamagedExifTurnsNothing) {
  for (const bool little_endian : {false, true}) {
    const std::string whole = ExifBytes(6, little_endian);
    EXPECT_EQ(ExifOrientation(whole), 6);
    for (size_t size = 0; size < 18; ++size) EXPECT_EQ(ExifOrientation(whole.substr(0, size)), 1);
    for (const int value : {0, 9, 255, 65535}) {
      EXPECT_EQ(ExifOrientation(ExifBytes(value, little_endian)), 1);
    }
  }
  std::string far = ExifBytes(6, false);
  far.replace(4, 4, "\xFF\xFF\xFF\xFF");  // a directory past the end
  EXPECT_EQ(ExifOrientation(far), 1);
}

// A row of 60 pixels, black up to 20, grey up to 40, then white.
TEST(ImageDecoderTest, KeepsTheMiddle) {
  RgbImage bands{.height = 20, .width = 60, .pixels = {}};
  for (int i = 0; i < 20 * 60; ++i) {
    const auto level = static_cast<uint8_t>(i % 60 < 20 ? 0 : i % 60 < 40 ? 100 : 255);
    bands.pixels.insert(bands.pixels.end(), {level, level, level});
  }
  const RgbImage middle = Fit(bands, 10, /*whole=*/false);
  ASSERT_EQ(middle.height, 10);
  ASSERT_EQ(middle.width, 10);
  for (const uint8_t value : middle.pixels) EXPECT_EQ(value, 100);

  const RgbImage whole = Fit(bands, 10, /*whole=*/true);
  ASSERT_EQ(whole.height, 10);
  ASSERT_EQ(whole.width, 30);
  EXPECT_EQ(At(whole, 5, 4), (Color{0, 0, 0}));
  EXPECT_EQ(At(whole, 5, 15), (Color{100, 100, 100}));
  EXPECT_EQ(At(whole, 5, 25), (Color{255, 255, 255}));

  const RgbImage thin = Fit(Plain(1, 1000, 9, 9, 9), 8, /*whole=*/true);
  EXPECT_EQ(thin.height, 8);
  EXPECT_EQ(thin.width, 32);                                    // four times, at most
  EXPECT_EQ(Fit(Plain(30, 20, 9, 9, 9), 13, true).height, 20);  // 19.5, rounded up
}

TEST(ImageDecoderTest, ScalesJpegsWhileDecoding) {
  const auto scaled = [](int height, int width, int wanted) {
    const JpegSize size = ScaledSize({.height = height, .width = width}, wanted);
    return std::vector<int>{size.height, size.width};
  };
  EXPECT_EQ(scaled(1000, 800, 96), (std::vector<int>{125, 100}));  // an eighth
  EXPECT_EQ(scaled(1000, 760, 96), (std::vector<int>{250, 190}));  // 95 would be too few
  EXPECT_EQ(scaled(191, 300, 96), (std::vector<int>{96, 150}));
  EXPECT_EQ(scaled(100, 100, 96), (std::vector<int>{100, 100}));
  EXPECT_EQ(scaled(10, 20, 96), (std::vector<int>{10, 20}));
  // And what comes out is of that size: a quarter of each colour still.
  const std::string file = WriteJpeg(Quarters(256, 256));
  const auto image = DecodeJpeg(file, *ReadJpegHeader(file), 32);
  ASSERT_TRUE(image.ok()) << image.status();
  ASSERT_EQ(image->height, 32);
  EXPECT_LE(Distance(At(*image, 4, 4), {255, 0, 0}), 2);
  EXPECT_LE(Distance(At(*image, 28, 4), {0, 0, 255}), 2);
}

TEST(ImageDecoderTest, TheFirstBytesDecideNotTheName) {
  EXPECT_EQ(FormatOf(WriteJpeg(Plain(8, 8, 0, 0, 0))), ImageFormat::kJpeg);
  EXPECT_EQ(FormatOf(PngHeaderBytes(1, 1)), ImageFormat::kPng);
  EXPECT_EQ(FormatOf(""), ImageFormat::kOther);
  EXPECT_EQ(Refused(""), "is empty");
  EXPECT_EQ(Refused("hello"), "is neither a JPEG nor a PNG file");
  EXPECT_EQ(Refused("GIF89a............"), "is a GIF file; make it a JPEG or PNG");
  EXPECT_EQ(Refused("RIFF....WEBPVP8 "), "is a WebP file; make it a JPEG or PNG");
  EXPECT_EQ(Refused("RIFF"), "is neither a JPEG nor a PNG file");
  EXPECT_EQ(Refused("....ftypheic...."), "is a HEIC, AVIF or video file; make it a JPEG or PNG");
}

TEST(ImageDecoderTest, RefusesBombsFromTheirHeaders) {
  EXPECT_EQ(Refused(PngHeaderBytes(100000, 200000)),
            "has 200,000×100,000 pixels, more than the 64,000,000 of max_megapixels");
  EXPECT_EQ(Refused(PngHeaderBytes(0x7FFFFFFF, 0x7FFFFFFF)),
            "has more pixels than a memory can hold");
  std::string jpeg = WriteJpeg(Plain(16, 16, 1, 2, 3));
  const size_t frame = jpeg.find("\xFF\xC0");
  ASSERT_NE(frame, std::string::npos);
  jpeg.replace(frame + 5, 4, "\xFF\xDC\xFF\xDC");  // 65,500, libjpeg's largest
  EXPECT_EQ(Refused(jpeg), "has 65,500×65,500 pixels, more than the 64,000,000 of max_megapixels");
  EXPECT_EQ(Refused(WriteJpeg(Plain(1000, 1001, 1, 2, 3)), {.size = 16, .max_pixels = 1000000}),
            "has 1,001×1,000 pixels, more than the 1,000,000 of max_megapixels");
}

TEST(ImageDecoderTest, ACutFileIsDamaged) {
  const RgbImage noise = Noise(24, 24, 1);
  for (const std::string& file :
       {WriteJpeg(noise), WriteJpeg(noise, {.progressive = true}), WritePng(24, 24, noise.pixels),
        WritePng(24, 24, noise.pixels, {.interlaced = true})}) {
    // The last 4 bytes of a PNG are the checksum of its empty end.
    const size_t needed = FormatOf(file) == ImageFormat::kPng ? file.size() - 4 : file.size();
    for (size_t size = 12; size < needed; size += 13) {
      const std::string problem = Refused(file.substr(0, size));
      EXPECT_NE(problem.find("is a damaged"), std::string::npos)
          << size << " of " << file.size() << ": " << problem;
    }
  }
}

// Each scan but the first is taken out in turn: of those that a later one builds on, libjpeg warns.
TEST(ImageDecoderTest, AProgressiveJpegWithGapsIsDamaged) {
  const std::string file = WriteJpeg(Noise(24, 24, 1), {.progressive = true});
  std::vector<size_t> scans;
  for (size_t at = file.find("\xFF\xDA"); at != std::string::npos;
       at = file.find("\xFF\xDA", at + 2)) {
    scans.push_back(at);
  }
  ASSERT_GE(scans.size(), 4u);
  int refused = 0;
  for (size_t i = 0; i + 1 < scans.size(); ++i) {
    const std::string problem = Refused(file.substr(0, scans[i]) + file.substr(scans[i + 1]));
    if (problem.empty()) continue;
    EXPECT_NE(problem.find("is a damaged JPEG file"), std::string::npos) << problem;
    ++refused;
  }
  EXPECT_GE(refused, 2);
}

TEST(ImageDecoderTest, AFlippedBitOfAPngIsSeen) {
  const std::string file = WritePng(24, 24, Noise(24, 24, 1).pixels);
  for (size_t at = 8; at < file.size() - 4; at += 7) {
    std::string flipped = file;
    flipped[at] = static_cast<char>(flipped[at] ^ 4);
    EXPECT_NE(Refused(flipped), "") << at;
  }
}

}  // namespace
}  // namespace ssnas
