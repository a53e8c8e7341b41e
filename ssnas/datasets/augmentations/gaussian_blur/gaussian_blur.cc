#include "ssnas/datasets/augmentations/gaussian_blur/gaussian_blur.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "ssnas/core/config_rules.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/datasets/augmentations/mirror.h"

namespace ssnas {
namespace {

// out += weight · in, of `count` floats.
void AddScaled(float weight, const float* in, int count, float* out) {
  for (int i = 0; i < count; ++i) out[i] += weight * in[i];
}

}  // namespace

// exp(−k²/2σ²) = q^(k²) with q = exp(−1/2σ²), and (k + 1)² = k² + 2k + 1: one exponential for all.
void BlurWeights(double sigma, int radius, float* weights) {
  const double q = std::exp(-0.5 / (sigma * sigma)), q_squared = q * q;
  const auto for_each = [&](const auto& body) {
    double exact = 1, ratio = q;
    for (int k = 0; k <= radius; ++k) {
      body(k, exact);
      exact *= ratio;
      ratio *= q_squared;
    }
  };
  double sum = 0;
  for_each([&](int k, double exact) { sum += k == 0 ? exact : 2 * exact; });
  const double scale = 1 / sum;
  for_each([&](int k, double exact) { weights[k] = static_cast<float>(exact * scale); });
}

void Blur(double sigma, int radius, FloatImage& image) {
  std::vector<float> weights(radius + 1);
  BlurWeights(sigma, radius, weights.data());
  const int channels = image.channels, stride = image.width * channels;
  std::vector<float> padded((image.width + 2 * radius) * channels);
  std::vector<float> rows(image.pixels.size());
  for (int y = 0; y < image.height; ++y) {
    float* pad = padded.data();
    for (int x = -radius; x < image.width + radius; ++x) {
      const float* const pixel = &image.at(y, MirroredIndex(x, image.width), 0);
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
      const size_t row = static_cast<size_t>(MirroredIndex(y + k, image.height)) * stride;
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

BlurDraw GaussianBlur::Draw(Philox& random, int height) const {
  const bool applied = random.Bernoulli(config_.probability());
  const double sigma = random.Uniform(config_.min_sigma(), config_.max_sigma());
  return {.radius = applied ? BlurRadius(height) : 0, .sigma = sigma};
}

void GaussianBlur::Apply(Philox& random, FloatImage& image) const {
  const BlurDraw draw = Draw(random, image.height);
  if (draw.radius > 0) Blur(draw.sigma, draw.radius, image);
}

}  // namespace ssnas
