// Changes of colour that steps share; images of three channels, red, green, blue. Others are a broken invariant:
// the pipeline makes three of one before its first step.
#ifndef SSNAS_DATASETS_AUGMENTATIONS_COLOR_H_
#define SSNAS_DATASETS_AUGMENTATIONS_COLOR_H_

#include "ssnas/datasets/augmentations/augmentation.h"

namespace ssnas {

// Grey value: 0.2989 r + 0.587 g + 0.114 b, as torchvision has it (ITU-R 601; the sum is 0.9999).
inline float Gray(const float* rgb) {
  return 0.2989f * rgb[0] + 0.587f * rgb[1] + 0.114f * rgb[2];
}

// All three channels become the grey value.
void ToGray(FloatImage& image);

// Each clips to [0, 1]. x: a channel of a pixel, f: the factor, ≥ 0.
void AdjustBrightness(float factor, FloatImage& image);  // f·x
// f·x + (1 − f)·m, m: mean grey value of the image.
void AdjustContrast(float factor, FloatImage& image);
// f·x + (1 − f)·g, g: the pixel's own grey value.
void AdjustSaturation(float factor, FloatImage& image);
// Hue of the hexcone HSV plus `turns` (−0.5 … 0.5) of a full turn; value and saturation stay.
void AdjustHue(float turns, FloatImage& image);

}  // namespace ssnas

#endif  // SSNAS_DATASETS_AUGMENTATIONS_COLOR_H_
