// Generated grey stripes of four directions: class c runs at c · 45°.
//
// Pixel (i, j) is 127.5 (1 + sin(2π (j cos θ + i sin θ) / λ + φ)); λ and φ are drawn, keyed by
// (seed, split, image). Config: size, numbers of images.
// Source: ours. Example: example.textproto
#ifndef STRIPES_STRIPES_H_
#define STRIPES_STRIPES_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "ssnas/datasets/dataset.h"
#include "stripes/stripes.pb.h"

namespace outside {

class Stripes : public ssnas::Dataset {
 public:
  static absl::StatusOr<std::unique_ptr<ssnas::Dataset>> Create(const StripesConfig& config);

  ssnas::DatasetInfo Info() const override;
  absl::StatusOr<std::unique_ptr<ssnas::ImageSet>> Images(const ssnas::DatasetContext& context,
                                                          ssnas::Split split) const override;
  absl::StatusOr<std::vector<int32_t>> Labels(const ssnas::DatasetContext& context,
                                              ssnas::Split split) const override;

 private:
  explicit Stripes(const StripesConfig& config) : config_(config) {}
  int64_t Count(ssnas::Split split) const;

  const StripesConfig config_;
};

}  // namespace outside

#endif  // STRIPES_STRIPES_H_
