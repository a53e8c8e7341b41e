// Where things lie for given input sizes: shapes of values, padded copies, taps.
//
// A pad of stride s keeps its pixels in s × s planes by row and column modulo s, so that a
// convolution of that stride reads neighbours in memory: pixel (h, w) lies in plane (h mod s, w mod
// s) at row lead + h / s, column lead + w / s. Everything around the image is zero.
#ifndef SSNAS_ENGINE_FUSED_LAYOUT_H_
#define SSNAS_ENGINE_FUSED_LAYOUT_H_

#include <algorithm>
#include <cstdint>
#include <vector>

#include "ssnas/core/tensor.h"
#include "ssnas/engine/fused/program.h"

namespace ssnas::fused {

struct ValueLayout {
  int64_t height = 0, width = 0, channels = 0;
  int64_t spread = 0;     // SpreadSize(channels)
  int64_t tile_rows = 1;  // rows that are taken together
  int64_t row() const { return width * channels; }
  int64_t image() const { return height * row(); }
  int64_t pixels() const { return height * width; }
};

struct PadLayout {
  int64_t stride = 1, channels = 0, spread = 0;
  int64_t lead = 0;  // zero rows and columns before the image, a plane
  int64_t plane_rows = 0, plane_columns = 0;
  int64_t pitch() const { return plane_columns * channels; }
  int64_t plane() const { return plane_rows * pitch(); }
  int64_t image() const { return stride * stride * plane(); }
};

// One tap of a convolution, relative to an output pixel.
struct TapLayout {
  int64_t row = 0, column = 0;  // of the input at output pixel (0, 0): may be negative
  int64_t offset = 0;           // of the pad's float for output pixel (0, 0)
};

// Taps of one filter row whose inputs are evenly apart: those of one plane.
struct TapRunLayout {
  int first = 0, count = 0;  // of ConvLayout::taps, every `stride`-th
  int64_t step = 0;          // floats of the pad between them
};

struct ConvLayout {
  std::vector<TapLayout> taps;
  std::vector<TapRunLayout> runs;
  int run_stride = 1;  // taps between two of a run
  int64_t in_spread = 0;
  // Rows of the gradient of what the taps read: zero columns before and after each.
  int64_t lead = 0, gradient_columns = 0;
};

struct Layout {
  int64_t images = 0;
  int64_t chunk = 1;  // images of one item of parallel work; sums are taken by item, in order
  int64_t items = 0;
  std::vector<ValueLayout> values;
  std::vector<PadLayout> pads;
  std::vector<std::vector<ConvLayout>> convs;  // [value][conv]

  int64_t first_image(int64_t item) const { return item * chunk; }
  int64_t last_image(int64_t item) const { return std::min(images, (item + 1) * chunk); }
};

// `states`: the shape of every state.
Layout MakeLayout(const Program& program, const std::vector<Shape4>& states);

}  // namespace ssnas::fused

#endif  // SSNAS_ENGINE_FUSED_LAYOUT_H_
