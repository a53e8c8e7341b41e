// An augmentation: what plugins of kind "augmentation" are. One step of a pipeline that makes a
// view.
//
// Steps take and return a float image; all chance comes from the stream they are given, which is
// keyed by (seed, epoch, sample, view), so that a view does not depend on who makes it or when.
// Source: SimCLR appendix A; probabilities and sizes in docs/augmentations.md.
#ifndef SSNAS_DATASETS_AUGMENTATIONS_AUGMENTATION_H_
#define SSNAS_DATASETS_AUGMENTATIONS_AUGMENTATION_H_

#include <vector>

#include "ssnas/core/philox.h"
#include "ssnas/core/registry.h"

namespace ssnas {

// height × width × channels floats, channels fastest; in [0, 1] until a normalise step.
struct FloatImage {
  int height = 0, width = 0, channels = 0;
  std::vector<float> pixels;

  float& at(int y, int x, int c) {
    return pixels[(static_cast<size_t>(y) * width + x) * channels + c];
  }
  float at(int y, int x, int c) const {
    return pixels[(static_cast<size_t>(y) * width + x) * channels + c];
  }
};

class Augmentation {
 public:
  static constexpr char kKind[] = "augmentation";
  virtual ~Augmentation() = default;

  // In place. Thread-safe. Draws the same count of numbers from `random` whatever they turn out to
  // be.
  virtual void Apply(Philox& random, FloatImage& image) const = 0;
  // Height and width of what it returns for an image of this size; 0: as it came.
  virtual int OutputSize() const { return 0; }
};

SSNAS_DECLARE_PLUGIN_KIND(Augmentation);

}  // namespace ssnas

#endif  // SSNAS_DATASETS_AUGMENTATIONS_AUGMENTATION_H_
