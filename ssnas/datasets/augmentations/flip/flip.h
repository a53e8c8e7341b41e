// Left and right exchanged, with a probability: y[i, j] = x[i, W − 1 − j].
// Config: probability. Draws: 1. Any number of channels.
// Source: SimCLR appendix A. Example: example.textproto
#ifndef SSNAS_DATASETS_AUGMENTATIONS_FLIP_FLIP_H_
#define SSNAS_DATASETS_AUGMENTATIONS_FLIP_FLIP_H_

#include <memory>

#include "absl/status/statusor.h"
#include "ssnas/datasets/augmentations/augmentation.h"
#include "ssnas/datasets/augmentations/flip/flip.pb.h"

namespace ssnas {

void FlipHorizontally(FloatImage& image);

class Flip : public Augmentation {
 public:
  static absl::StatusOr<std::unique_ptr<Augmentation>> Create(const FlipConfig& config);

  // Whether the image is flipped; 1 draw.
  bool Draw(Philox& random) const { return random.Bernoulli(probability_); }
  void Apply(Philox& random, FloatImage& image) const override;

 private:
  explicit Flip(const FlipConfig& config) : probability_(config.probability()) {}
  const double probability_;
};

}  // namespace ssnas

#endif  // SSNAS_DATASETS_AUGMENTATIONS_FLIP_FLIP_H_
