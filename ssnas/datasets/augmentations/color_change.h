// A change of an image's colours as it was drawn, and the weights of grey: what the steps and the
// fused views share.
#ifndef SSNAS_DATASETS_AUGMENTATIONS_COLOR_CHANGE_H_
#define SSNAS_DATASETS_AUGMENTATIONS_COLOR_CHANGE_H_

namespace ssnas {

// Grey value: 0.2989 r + 0.587 g + 0.114 b, as torchvision has it (ITU-R 601; the sum is 0.9999).
inline constexpr float kGrayRed = 0.2989f, kGrayGreen = 0.587f, kGrayBlue = 0.114f;

// The changes are defined in augmentations/color.h.
struct ColorChange {
  enum class Kind { kBrightness, kContrast, kSaturation, kHue };

  Kind kind = Kind::kBrightness;
  float factor = 1;  // of hue: turns
};

}  // namespace ssnas

#endif  // SSNAS_DATASETS_AUGMENTATIONS_COLOR_CHANGE_H_
