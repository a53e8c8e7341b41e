// Generated images: one shape on a noisy background, to try every stage without any data.
//
// Class c is shape c mod 5 (disc, square, triangle, ring, cross), striped from class 5 on; image i has class
// i mod classes. Place, size, angle, both colours, the light across the background and the noise are drawn: what is
// left after crops and colour changes is the shape, and the mean image of a class says little.
// Config: size, numbers of images, classes. All draws are keyed by (seed, split, image).
// Source: ours. Example: example.textproto
#ifndef SSNAS_DATASETS_SYNTHETIC_SYNTHETIC_H_
#define SSNAS_DATASETS_SYNTHETIC_SYNTHETIC_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "ssnas/datasets/dataset.h"
#include "ssnas/datasets/synthetic/synthetic.pb.h"

namespace ssnas {

class Synthetic : public Dataset {
 public:
  static absl::StatusOr<std::unique_ptr<Dataset>> Create(const SyntheticConfig& config);

  DatasetInfo Info() const override;
  absl::StatusOr<std::unique_ptr<ImageSet>> Images(const DatasetContext& context,
                                                   Split split) const override;
  absl::StatusOr<std::vector<int32_t>> Labels(const DatasetContext& context,
                                              Split split) const override;

 private:
  explicit Synthetic(const SyntheticConfig& config) : config_(config) {}
  int64_t Count(Split split) const;

  const SyntheticConfig config_;
};

}  // namespace ssnas

#endif  // SSNAS_DATASETS_SYNTHETIC_SYNTHETIC_H_
