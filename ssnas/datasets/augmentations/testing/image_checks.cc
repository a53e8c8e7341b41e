#include "ssnas/datasets/augmentations/testing/image_checks.h"

#include "absl/strings/str_cat.h"
#include "ssnas/core/testing/compare.h"

namespace ssnas {

FloatImage PatternImage(int height, int width, int channels) {
  FloatImage image{.height = height, .width = width, .channels = channels, .pixels = {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < channels; ++c) {
        image.pixels.push_back(static_cast<float>((7 * y + 3 * x + 5 * c + x * y) % 11) / 10.0f);
      }
    }
  }
  return image;
}

absl::Status ComparePixels(const FloatImage& image, int height, int width, int channels,
                           const std::vector<double>& expected, double bound) {
  if (image.height != height || image.width != width || image.channels != channels) {
    return absl::InternalError(absl::StrCat("the image is ", image.height, "×", image.width, "×",
                                            image.channels, ", expected ", height, "×", width, "×",
                                            channels));
  }
  return Compare<float>(image.pixels, expected, bound);
}

Philox TestStream(uint64_t sample) {
  return Philox({.seed = 5, .purpose = Purpose::kTest, .sample = sample});
}

int DrawsTaken(Philox random, uint64_t sample) {
  const uint64_t next = random.Next64();  // 64 bits are met by chance once in 10¹⁵ tests.
  constexpr int kMost = 10000;
  std::vector<uint64_t> numbers(kMost + 1);
  Philox fresh = TestStream(sample);
  for (uint64_t& number : numbers) number = fresh.Next();
  for (int i = 0; i < kMost; ++i) {
    if (((numbers[i] << 32) | numbers[i + 1]) == next) return i;
  }
  return -1;
}

}  // namespace ssnas
