// The whole image resized to size × size, bicubic (augmentations/resample.h); what evaluation does to images of
// another size. Config: size. Draws: none. 1 or 3 channels.
// Source: ours. Example: example.textproto
#ifndef SSNAS_DATASETS_AUGMENTATIONS_RESIZE_RESIZE_H_
#define SSNAS_DATASETS_AUGMENTATIONS_RESIZE_RESIZE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "ssnas/datasets/augmentations/augmentation.h"
#include "ssnas/datasets/augmentations/resize/resize.pb.h"

namespace ssnas {

class Resize : public Augmentation {
 public:
  static absl::StatusOr<std::unique_ptr<Augmentation>> Create(const ResizeConfig& config);

  void Apply(Philox& random, FloatImage& image) const override;
  int OutputSize() const override { return size_; }

 private:
  explicit Resize(const ResizeConfig& config) : size_(config.size()) {}
  const int size_;
};

}  // namespace ssnas

#endif  // SSNAS_DATASETS_AUGMENTATIONS_RESIZE_RESIZE_H_
