// Normalisation: y = (x − mean) / std, a channel. Leaves [0, 1]; only cutout comes after it, as a
// rule.
// Config: mean, std, three each. Draws: none. Three channels.
// Source: DARTS, its transforms for CIFAR-10. Example: example.textproto
#ifndef SSNAS_DATASETS_AUGMENTATIONS_NORMALIZE_NORMALIZE_H_
#define SSNAS_DATASETS_AUGMENTATIONS_NORMALIZE_NORMALIZE_H_

#include <array>
#include <memory>

#include "absl/status/statusor.h"
#include "ssnas/datasets/augmentations/augmentation.h"
#include "ssnas/datasets/augmentations/normalize/normalize.pb.h"

namespace ssnas {

class Normalize : public Augmentation {
 public:
  static absl::StatusOr<std::unique_ptr<Augmentation>> Create(const NormalizeConfig& config);

  void Apply(Philox& random, FloatImage& image) const override;

  const std::array<float, 3>& mean() const { return mean_; }
  const std::array<float, 3>& scale() const { return scale_; }  // 1 / std

 private:
  explicit Normalize(const NormalizeConfig& config);
  std::array<float, 3> mean_, scale_;
};

}  // namespace ssnas

#endif  // SSNAS_DATASETS_AUGMENTATIONS_NORMALIZE_NORMALIZE_H_
