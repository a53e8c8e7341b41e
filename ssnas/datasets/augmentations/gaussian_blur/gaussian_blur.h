// Gaussian blur with a probability: rows, then columns, by w[k] = exp(−k²/2σ²) / Σ, |k| ≤ r.
//
// σ ~ U(min_sigma, max_sigma); r = ⌊⌊h/10⌋/2⌋ of the image's height h, so that 32 pixels have 3
// taps, 96 have 9, 224 have 23, and below 20 nothing happens. Past the border the image is its own
// mirror (the edge is not repeated).
// Config: probability, two sigmas. Draws: 2. Any number of channels.
// Source: SimCLR appendix A, where the border is of zeros; torchvision has the mirror.
// Example: example.textproto
#ifndef SSNAS_DATASETS_AUGMENTATIONS_GAUSSIAN_BLUR_GAUSSIAN_BLUR_H_
#define SSNAS_DATASETS_AUGMENTATIONS_GAUSSIAN_BLUR_GAUSSIAN_BLUR_H_

#include <memory>

#include "absl/status/statusor.h"
#include "ssnas/datasets/augmentations/augmentation.h"
#include "ssnas/datasets/augmentations/gaussian_blur/gaussian_blur.pb.h"

namespace ssnas {

inline int BlurRadius(int height) { return height / 10 / 2; }
// Writes the radius + 1 weights from the centre outwards; they sum to 1 with their mirror image.
void BlurWeights(double sigma, int radius, float* weights);
void Blur(double sigma, int radius, FloatImage& image);

// How one image is blurred; not at all with a radius of 0.
struct BlurDraw {
  int radius = 0;
  double sigma = 0;
};

class GaussianBlur : public Augmentation {
 public:
  static absl::StatusOr<std::unique_ptr<Augmentation>> Create(const GaussianBlurConfig& config);

  // For an image of this height; 2 draws.
  BlurDraw Draw(Philox& random, int height) const;
  void Apply(Philox& random, FloatImage& image) const override;

 private:
  explicit GaussianBlur(const GaussianBlurConfig& config) : config_(config) {}
  const GaussianBlurConfig config_;
};

}  // namespace ssnas

#endif  // SSNAS_DATASETS_AUGMENTATIONS_GAUSSIAN_BLUR_GAUSSIAN_BLUR_H_
