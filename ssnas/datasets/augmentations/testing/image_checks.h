// Images for the tests of augmentations, and their comparison with values written into a test.
#ifndef SSNAS_DATASETS_AUGMENTATIONS_TESTING_IMAGE_CHECKS_H_
#define SSNAS_DATASETS_AUGMENTATIONS_TESTING_IMAGE_CHECKS_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "ssnas/datasets/augmentations/augmentation.h"

namespace ssnas {

// Pixel (y, x), channel c is ((7y + 3x + 5c + xy) mod 11) / 10: 0 and 1 among its values, no symmetry.
FloatImage PatternImage(int height, int width, int channels);

// OK if the image has this shape and its pixels are the expected ones within `bound`.
absl::Status ComparePixels(const FloatImage& image, int height, int width, int channels,
                           const std::vector<double>& expected, double bound);

// The stream of a test.
Philox TestStream(uint64_t sample);

// How many 32-bit numbers `random`, made by TestStream(sample), has given; −1 if more than 10,000.
int DrawsTaken(Philox random, uint64_t sample);

}  // namespace ssnas

#endif  // SSNAS_DATASETS_AUGMENTATIONS_TESTING_IMAGE_CHECKS_H_
