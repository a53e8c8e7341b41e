// Cuts a box out of an image and resizes it: y = Wᵥ x Wₕᵀ with Keys' cubic, a = −0.5, clipped to [0, 1].
//
// Antialiased as Pillow's BICUBIC is: where the box shrinks, the filter is stretched by the ratio of the sizes.
// Output pixel i looks at box coordinate (i + 0.5)·n/m; the weights of pixels outside the box are left out and
// the others divided by their sum. Rows and columns are separate passes, in float; nothing is rounded to bytes.
// Source: Keys, Cubic convolution interpolation, 1981; Pillow's resampling.
//
// Example:
//   CropAndResize({.top = 2, .left = 3, .height = 20, .width = 16}, 32, 32, image);
#ifndef SSNAS_DATASETS_AUGMENTATIONS_RESAMPLE_H_
#define SSNAS_DATASETS_AUGMENTATIONS_RESAMPLE_H_

#include "ssnas/datasets/augmentations/augmentation.h"

namespace ssnas {

// Inside the image, at least 1×1.
struct CropBox {
  int top = 0, left = 0, height = 0, width = 0;

  bool operator==(const CropBox&) const = default;
};

// 1 or 3 channels; height, width ≥ 1.
void CropAndResize(const CropBox& box, int height, int width, FloatImage& image);

}  // namespace ssnas

#endif  // SSNAS_DATASETS_AUGMENTATIONS_RESAMPLE_H_
