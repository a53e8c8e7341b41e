#include "ssnas/datasets/augmentations/gaussian_blur/gaussian_blur.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "ssnas/core/config_rules.h"
#include "ssnas/core/status_macros.h"

namespace ssnas {
namespace {

// Where position i of a line of n lies when the line is continued by its mirror images.
int Mirror(int i, int n) {
  if (n == 1) return 0;
  while (i < 0 || i >= n) i = i < 0 ? -i : 2 * (n - 1) - i;
  return i;
}

// out += weight · in, of `count` floats.
void AddScaled(float weight, const float* in, int count, float* out) {
  for (int i = 0; i < count; ++i) out[i] += weight * in[i];
}

}  // namespace

std::vector<float> BlurWeights(double sigma, int radius) {
  std::vector<double> exact(radius + 1);
  double sum = 0;
  for (int k = 0; k <= radius; ++k) {
    exact[k] = std::exp(-0.5 * k * k / (sigma * sigma));
    sum += k == 0 ? exact[k] : 2 * exact[k];
  }
  std::vector<float> weights;
  for (const double weight : exact) weights.push_back(static_cast<float>(weight / sum));
  return weights;
}

void Blur(double sigma, int radius, FloatImage& image) {
  const std::vector<float> weights = BlurWeights(sigma, radius);
  const int channels = image.channels, stride = image.width * channels;
  std::vector<float> padded((image.width + 2 * radius) * channels);
  std::vector<float> rows(image.pixels.size());
  for (int y = 0; y < image.height; ++y) {
    float* pad = padded.data();
    for (int x = -radius; x < image.width + radius; ++x) {
      const float* const pixel = &image.at(y, Mirror(x, image.width), 0);
      for (int c = 0; c < channels; ++c) *pad++ = pixel[c];
    }
    float* const out = &rows[static_cast<size_t>(y) * stride];
    for (int k = -radius; k <= radius; ++k) {
      AddScaled(weights[std::abs(k)], &padded[(k + radius) * channels], stride, out);
    }
  }
  std::vector<float> blurred(image.pixels.size());
  for (int y = 0; y < image.height; ++y) {
    for (int k = -radius; k <= radius; ++k) {
      const size_t row = static_cast<size_t>(Mirror(y + k, image.height)) * stride;
      AddScaled(weights[std::abs(k)], &rows[row], stride,
                &blurred[static_cast<size_t>(y) * stride]);
    }
  }
  // Rounded weights may sum to a little more than 1.
  for (float& x : blurred) x = std::min(x, 1.0f);
  image.pixels = std::move(blurred);
}

absl::StatusOr<std::unique_ptr<Augmentation>> GaussianBlur::Create(
    const GaussianBlurConfig& config) {
  SSNAS_RETURN_IF_ERROR(CheckRules("gaussian_blur", config));
  if (config.min_sigma() > config.max_sigma()) {
    return absl::InvalidArgumentError(absl::StrCat("gaussian_blur: min_sigma ", config.min_sigma(),
                                                   " is more than max_sigma ", config.max_sigma()));
  }
  return std::unique_ptr<Augmentation>(new GaussianBlur(config));
}

void GaussianBlur::Apply(Philox& random, FloatImage& image) const {
  const bool applied = random.Bernoulli(config_.probability());
  const double sigma = random.Uniform(config_.min_sigma(), config_.max_sigma());
  const int radius = BlurRadius(image.height);
  if (applied && radius > 0) Blur(sigma, radius, image);
}

}  // namespace ssnas
