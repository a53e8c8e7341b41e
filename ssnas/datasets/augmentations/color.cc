#include "ssnas/datasets/augmentations/color.h"

#include <algorithm>
#include <cstddef>

#include "ssnas/core/logging.h"

namespace ssnas {
namespace {

float Clip(float x) { return std::clamp(x, 0.0f, 1.0f); }

// The pixels' number; three channels or a broken invariant.
size_t Pixels(const FloatImage& image) {
  CHECK_EQ(image.channels, 3);
  return static_cast<size_t>(image.height) * image.width;
}

// A channel of the colour with maximum `value` and maximum − minimum `chroma` at `hue` + `offset`
// sixths of a turn, both in [0, 6): a trapezium over the hue, offset 5, 3, 1 for red, green, blue.
float Channel(float value, float chroma, float hue, float offset) {
  float k = hue + offset;
  if (k >= 6) k -= 6;
  return Clip(value - chroma * std::max(0.0f, std::min({k, 4 - k, 1.0f})));
}

}  // namespace

void ToGray(FloatImage& image) {
  float* pixel = image.pixels.data();
  for (size_t i = Pixels(image); i > 0; --i, pixel += 3) {
    pixel[0] = pixel[1] = pixel[2] = Gray(pixel);
  }
}

void AdjustBrightness(float factor, FloatImage& image) {
  for (float& x : image.pixels) x = Clip(factor * x);
}

void AdjustContrast(float factor, FloatImage& image) {
  const size_t count = Pixels(image);
  double sum = 0;
  for (size_t i = 0; i < count; ++i) sum += Gray(&image.pixels[3 * i]);
  const float rest = (1 - factor) * static_cast<float>(sum / static_cast<double>(count));
  for (float& x : image.pixels) x = Clip(factor * x + rest);
}

void AdjustSaturation(float factor, FloatImage& image) {
  float* pixel = image.pixels.data();
  for (size_t i = Pixels(image); i > 0; --i, pixel += 3) {
    const float rest = (1 - factor) * Gray(pixel);
    for (int c = 0; c < 3; ++c) pixel[c] = Clip(factor * pixel[c] + rest);
  }
}

void AdjustHue(float turns, FloatImage& image) {
  float* pixel = image.pixels.data();
  for (size_t i = Pixels(image); i > 0; --i, pixel += 3) {
    const float r = pixel[0], g = pixel[1], b = pixel[2];
    const float value = std::max({r, g, b}), chroma = value - std::min({r, g, b});
    if (chroma == 0) continue;  // Grey has no hue.
    float hue = value == r   ? (g - b) / chroma
                : value == g ? 2 + (b - r) / chroma
                             : 4 + (r - g) / chroma;
    hue += 6 * turns;
    if (hue < 0) hue += 6;
    if (hue >= 6) hue -= 6;
    pixel[0] = Channel(value, chroma, hue, 5);
    pixel[1] = Channel(value, chroma, hue, 3);
    pixel[2] = Channel(value, chroma, hue, 1);
  }
}

void Adjust(const ColorChange& change, FloatImage& image) {
  switch (change.kind) {
    case ColorChange::Kind::kBrightness:
      return AdjustBrightness(change.factor, image);
    case ColorChange::Kind::kContrast:
      return AdjustContrast(change.factor, image);
    case ColorChange::Kind::kSaturation:
      return AdjustSaturation(change.factor, image);
    case ColorChange::Kind::kHue:
      return AdjustHue(change.factor, image);
  }
}

}  // namespace ssnas
