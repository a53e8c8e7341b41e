// Changes of colour that steps share; images of three channels, red, green, blue. Others are a
// broken invariant: the pipeline makes three of one before its first step.
#ifndef SSNAS_DATASETS_AUGMENTATIONS_COLOR_H_
#define SSNAS_DATASETS_AUGMENTATIONS_COLOR_H_

#include "ssnas/datasets/augmentations/augmentation.h"
#include "ssnas/datasets/augmentations/color_change.h"

namespace ssnas {

// Grey value of a pixel.
inline float Gray(const float* rgb) {
  return kGrayRed * rgb[0] + kGrayGreen * rgb[1] + kGrayBlue * rgb[2];
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

// Whichever of them it is.
void Adjust(const ColorChange& change, FloatImage& image);

}  // namespace ssnas

#endif  // SSNAS_DATASETS_AUGMENTATIONS_COLOR_H_
