// Bright values inverted, with a probability: y = 1 − x where x ≥ threshold, else x.
// Config: probability, threshold. Draws: 1. Any number of channels.
// Source: BYOL, appendix B. Example: example.textproto
#ifndef SOLARIZE_SOLARIZE_H_
#define SOLARIZE_SOLARIZE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "solarize/solarize.pb.h"
#include "ssnas/datasets/augmentations/augmentation.h"

namespace outside {

class Solarize : public ssnas::Augmentation {
 public:
  static absl::StatusOr<std::unique_ptr<ssnas::Augmentation>> Create(const SolarizeConfig& config);

  void Apply(ssnas::Philox& random, ssnas::FloatImage& image) const override;

 private:
  explicit Solarize(const SolarizeConfig& config) : config_(config) {}
  const SolarizeConfig config_;
};

}  // namespace outside

#endif  // SOLARIZE_SOLARIZE_H_
