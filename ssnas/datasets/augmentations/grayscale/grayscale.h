// Grey with a probability: all three channels become 0.2989 r + 0.587 g + 0.114 b.
// Config: probability. Draws: 1. Three channels.
// Source: SimCLR appendix A; weights of torchvision. Example: example.textproto
#ifndef SSNAS_DATASETS_AUGMENTATIONS_GRAYSCALE_GRAYSCALE_H_
#define SSNAS_DATASETS_AUGMENTATIONS_GRAYSCALE_GRAYSCALE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "ssnas/datasets/augmentations/augmentation.h"
#include "ssnas/datasets/augmentations/grayscale/grayscale.pb.h"

namespace ssnas {

class Grayscale : public Augmentation {
 public:
  static absl::StatusOr<std::unique_ptr<Augmentation>> Create(const GrayscaleConfig& config);

  // Whether the image becomes grey; 1 draw.
  bool Draw(Philox& random) const { return random.Bernoulli(probability_); }
  void Apply(Philox& random, FloatImage& image) const override;

 private:
  explicit Grayscale(const GrayscaleConfig& config) : probability_(config.probability()) {}
  const double probability_;
};

}  // namespace ssnas

#endif  // SSNAS_DATASETS_AUGMENTATIONS_GRAYSCALE_GRAYSCALE_H_
