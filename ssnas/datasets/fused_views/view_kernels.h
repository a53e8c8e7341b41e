// The arithmetic of fused views: an image in tiles of 16 of its rows, transposed, in vector
// registers.
//
// Tile t holds rows 16t … 16t + 15 of the view; line 3x + c of it is channel c of column x, one
// float a row, so that a register holds 16 rows of one column and channel. A tap along x is then a
// line 3 further on, a tap along y a row further on once the tile is turned back, and no kernel
// moves floats between lanes but Transpose16. Turning back interleaves the channels for free.
//
// Each kernel is compiled for several instruction sets and chosen at run time (Highway). Tiles and
// scratch are on 64 bytes. Thread-safe; nothing is allocated but by MakeAxis, in its result.
// Source: ours; what is computed is defined by the plugins in ssnas/datasets/augmentations/.
#ifndef SSNAS_DATASETS_FUSED_VIEWS_VIEW_KERNELS_H_
#define SSNAS_DATASETS_FUSED_VIEWS_VIEW_KERNELS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "ssnas/datasets/augmentations/color_change.h"

namespace ssnas::fused_views {

inline constexpr int kTileRows = 16;  // a cache line and an AVX-512 register

inline constexpr int RoundUp(int n) { return (n + kTileRows - 1) / kTileRows * kTileRows; }

// ---- Resampling: resample_kernels.cc ----

// One side of a resize: output i is the sum of weight[k·pitch + i] times input first[i] + k, k <
// taps.
struct Axis {
  int taps = 0, pitch = 0;  // pitch: outputs rounded up to whole tiles; the rest have weights of 0
  std::vector<int> first;   // rising; every window lies inside the input
  std::vector<float> weight;
  std::vector<float> phase;  // scratch of MakeAxis
};

// Keys' cubic as in augmentations/resample.h; the weights of an output sum to `scale`.
void MakeAxis(int input, int output, float scale, Axis& axis);

// The box of a source image: its first byte, and the end of the bytes that may be read.
struct Source {
  const uint8_t* box = nullptr;
  const uint8_t* end = nullptr;
  ptrdiff_t stride = 0;  // bytes from row to row
  int width = 0;         // of the box, in pixels
  int channels = 0;      // 1 or 3
};

// Tile `tile` of the box resized, clipped to [0, 1]; columns in reverse with `flip`. Scratch:
// `rows` 16 floats a row of the box, `narrow` 16 floats a byte of its width, rounded up.
void ResampleTile(const Source& source, const Axis& rows, const Axis& columns, int width, bool flip,
                  int tile, float* rows_scratch, float* narrow, float* out);

// ---- Colour: color_kernels.cc ----

// What is done to each pixel, as a list.
struct PixelStep {
  enum class Kind { kScale, kMix, kSaturation, kHue, kGray, kNormalize };

  Kind kind;
  // kScale: min(a·x, 1). kMix: clip(a·x + b[0]). kSaturation: clip(a·x + (1 − a)·grey).
  // kHue: turned by a sixths. kGray: grey. kNormalize: x·scale[c] + b[c].
  float a = 1;
  float b[3] = {};
  float scale[3] = {};
};

// out = steps(in) of `pixels` columns, which may be the same memory. Returns the sum of the grey
// values of the result where `wants_sum`; else 0.
double ColorTile(const PixelStep* steps, int count, int pixels, bool wants_sum, const float* in,
                 float* out);

// ---- Blur and interleaving: finish_kernels.cc ----

// Rows, lines and floats from row to row of where a view goes.
struct Output {
  float* pixels = nullptr;
  int height = 0, line = 0;  // line: 3·width, also the floats from row to row
};

// out line i = Σ_k weights[|k|] · in line i + 3k, |k| ≤ radius; lines from −3·radius on are read.
void BlurTile(const float* weights, int radius, int lines, const float* in, float* out);

// Turns tile number `tile` back and writes its rows.
void WriteTile(const float* tile_data, int tile, const Output& output);

// The same for all tiles of a view, `pitch` floats apart, blurred along y and clipped to 1, then
// times scale[c] plus shift[c]. Scratch: 16 floats for each row of the tiles and 2·radius more.
void WriteBlurred(const float* tiles, size_t pitch, const float* weights, int radius,
                  const float* scale, const float* shift, float* scratch, const Output& output);

// "AVX3", "AVX2", …: the instruction set in use.
const char* InstructionSet();

}  // namespace ssnas::fused_views

#endif  // SSNAS_DATASETS_FUSED_VIEWS_VIEW_KERNELS_H_
