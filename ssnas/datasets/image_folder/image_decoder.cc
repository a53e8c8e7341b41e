#include "ssnas/datasets/image_folder/image_decoder.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "ssnas/core/readable.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/datasets/augmentations/resample.h"
#include "ssnas/datasets/image_folder/jpeg.h"
#include "ssnas/datasets/image_folder/png.h"

namespace ssnas {
namespace {

// An image that takes more memory than this while it is decoded is one at a time.
constexpr int64_t kLargeBytes = 256'000'000;
constexpr int kMaxRatio = 4;
constexpr absl::string_view kPngSignature("\x89PNG\r\n\x1a\n", 8);

// What else image files begin with, for a better word than "damaged".
const char* OtherFormat(absl::string_view bytes) {
  using absl::StartsWith;
  if (StartsWith(bytes, "GIF8")) return "a GIF";
  if (StartsWith(bytes, "BM")) return "a BMP";
  if (StartsWith(bytes, "RIFF") && bytes.substr(std::min<size_t>(8, bytes.size()), 4) == "WEBP") {
    return "a WebP";
  }
  if (StartsWith(bytes, absl::string_view("II*\0", 4)) ||
      StartsWith(bytes, absl::string_view("MM\0*", 4))) {
    return "a TIFF or raw";
  }
  if (bytes.size() >= 12 && bytes.substr(4, 4) == "ftyp") return "a HEIC, AVIF or video";
  return nullptr;
}

absl::Status NotAnImage(absl::string_view bytes) {
  if (bytes.empty()) return absl::InvalidArgumentError("is empty");
  const char* other = OtherFormat(bytes);
  return absl::InvalidArgumentError(other != nullptr
                                        ? absl::StrCat("is ", other, " file; make it a JPEG or PNG")
                                        : "is neither a JPEG nor a PNG file");
}

absl::Status TooLarge(int64_t height, int64_t width, int64_t max_pixels) {
  if (height * width <= max_pixels) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("has ", Grouped(width), "×", Grouped(height),
                                                 " pixels, more than the ", Grouped(max_pixels),
                                                 " of max_megapixels"));
}

// `box` of the image as floats in [0, 1].
FloatImage Cut(const RgbImage& image, const CropBox& box) {
  FloatImage out{.height = box.height, .width = box.width, .channels = 3, .pixels = {}};
  out.pixels.reserve(static_cast<size_t>(3) * box.height * box.width);
  for (int y = 0; y < box.height; ++y) {
    const uint8_t* row =
        &image.pixels[3 * (static_cast<size_t>(box.top + y) * image.width + box.left)];
    for (int i = 0; i < 3 * box.width; ++i) out.pixels.push_back(row[i] / 255.0f);
  }
  return out;
}

}  // namespace

ImageFormat FormatOf(absl::string_view bytes) {
  if (absl::StartsWith(bytes, "\xFF\xD8\xFF")) return ImageFormat::kJpeg;
  return absl::StartsWith(bytes, kPngSignature) ? ImageFormat::kPng : ImageFormat::kOther;
}

RgbImage Fit(const RgbImage& image, int size, bool whole) {
  const int shorter = std::min(image.height, image.width);
  const int longest = static_cast<int>(std::min<int64_t>(
      std::max(image.height, image.width), whole ? int64_t{kMaxRatio} * shorter : shorter));
  const bool tall = image.height > image.width;
  CropBox box{
      .top = 0, .left = 0, .height = tall ? longest : shorter, .width = tall ? shorter : longest};
  box.top = (image.height - box.height) / 2;
  box.left = (image.width - box.width) / 2;
  const int long_side =
      static_cast<int>((int64_t{2} * longest * size + shorter) / (int64_t{2} * shorter));
  RgbImage out{.height = tall ? long_side : size, .width = tall ? size : long_side, .pixels = {}};
  FloatImage cut = Cut(image, box);
  CropAndResize({.top = 0, .left = 0, .height = box.height, .width = box.width}, out.height,
                out.width, cut);
  out.pixels.reserve(cut.pixels.size());
  for (const float value : cut.pixels) {
    out.pixels.push_back(static_cast<uint8_t>(std::lround(255 * value)));
  }
  return out;
}

absl::StatusOr<RgbImage> ImageDecoder::DecodeUpright(absl::string_view bytes) const {
  if (FormatOf(bytes) == ImageFormat::kPng) {
    SSNAS_ASSIGN_OR_RETURN(PngImage png, DecodePng(bytes));
    return Upright(std::move(png.image), png.orientation);
  }
  SSNAS_ASSIGN_OR_RETURN(const JpegHeader header, ReadJpegHeader(bytes));
  SSNAS_ASSIGN_OR_RETURN(RgbImage image, DecodeJpeg(bytes, header, options_.size));
  return Upright(std::move(image), header.orientation);
}

absl::StatusOr<RgbImage> ImageDecoder::Decode(absl::string_view bytes) const {
  int64_t height = 0, width = 0, working = 0;
  switch (FormatOf(bytes)) {
    case ImageFormat::kJpeg: {
      SSNAS_ASSIGN_OR_RETURN(const JpegHeader header, ReadJpegHeader(bytes));
      const JpegSize scaled = ScaledSize(header, options_.size);
      height = header.height;
      width = header.width;
      // Coefficients, two bytes each, and what Fit takes of the scaled image.
      working = (header.progressive ? 6 * height * width : 0) +
                16 * int64_t{scaled.height} * scaled.width;
      break;
    }
    case ImageFormat::kPng: {
      SSNAS_ASSIGN_OR_RETURN(const PngHeader header, ReadPngHeader(bytes));
      height = header.height;
      width = header.width;
      working = 16 * height * width;
      break;
    }
    case ImageFormat::kOther:
      return NotAnImage(bytes);
  }
  SSNAS_RETURN_IF_ERROR(TooLarge(height, width, options_.max_pixels));
  std::unique_lock<std::mutex> one_at_a_time(large_, std::defer_lock);
  if (working > kLargeBytes) one_at_a_time.lock();
  SSNAS_ASSIGN_OR_RETURN(const RgbImage image, DecodeUpright(bytes));
  return Fit(image, options_.size, options_.whole);
}

}  // namespace ssnas
