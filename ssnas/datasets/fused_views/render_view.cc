#include "ssnas/datasets/fused_views/render_view.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "ssnas/datasets/augmentations/gaussian_blur/gaussian_blur.h"
#include "ssnas/datasets/augmentations/mirror.h"

namespace ssnas::fused_views {
namespace {

constexpr size_t kAlignment = kTileRows * sizeof(float);

// The colour steps before and from the contrast on, which waits for the mean.
struct ColorSteps {
  static constexpr int kMost = 6;  // four changes, grey, normalisation

  PixelStep steps[kMost];
  int count = 0;
  int contrast = -1;  // its index; −1: none

  int before_mean() const { return contrast < 0 ? count : contrast; }
};

PixelStep NormalizeStep(const ViewPlan& plan) {
  PixelStep step{.kind = PixelStep::Kind::kNormalize};
  for (int c = 0; c < 3; ++c) {
    step.scale[c] = plan.normalize ? plan.scale[c] : 1;
    step.b[c] = plan.normalize ? -plan.mean[c] * plan.scale[c] : 0;
  }
  return step;
}

PixelStep StepOf(const ColorChange& change) {
  switch (change.kind) {
    case ColorChange::Kind::kBrightness:
      return {.kind = PixelStep::Kind::kScale, .a = change.factor};
    case ColorChange::Kind::kContrast:
      return {.kind = PixelStep::Kind::kMix, .a = change.factor};
    case ColorChange::Kind::kSaturation:
      return {.kind = PixelStep::Kind::kSaturation, .a = change.factor};
    case ColorChange::Kind::kHue:
      break;
  }
  return {.kind = PixelStep::Kind::kHue, .a = 6 * change.factor};
}

ColorSteps ListSteps(const ViewPlan& plan) {
  ColorSteps list;
  for (int i = 0; i < plan.change_count; ++i) {
    if (plan.changes[i].kind == ColorChange::Kind::kContrast) list.contrast = list.count;
    list.steps[list.count++] = StepOf(plan.changes[i]);
  }
  if (plan.gray) list.steps[list.count++] = {.kind = PixelStep::Kind::kGray};
  // A blur comes between, and normalises as it writes.
  if (plan.normalize && plan.blur_radius == 0) list.steps[list.count++] = NormalizeStep(plan);
  return list;
}

// Columns before the first and behind the last as its mirror images; `first` is column 0.
void MirrorColumns(int width, int radius, float* first) {
  constexpr ptrdiff_t kColumn = 3 * kTileRows;
  for (int k = 1; k <= radius; ++k) {
    std::memcpy(first - k * kColumn, first + MirroredIndex(-k, width) * kColumn,
                kColumn * sizeof(float));
    const int right = width - 1 + k;
    std::memcpy(first + right * kColumn, first + MirroredIndex(right, width) * kColumn,
                kColumn * sizeof(float));
  }
}

}  // namespace

float* ViewScratch::Get(Buffer buffer, size_t count) {
  std::vector<float>& memory = buffers_[buffer];
  if (memory.size() < count + kTileRows) memory.resize(count + kTileRows);
  const uintptr_t address = reinterpret_cast<uintptr_t>(memory.data());
  return memory.data() + (kAlignment - address % kAlignment) % kAlignment / sizeof(float);
}

void RenderView(const ImageView& image, const ViewPlan& plan, ViewScratch& scratch, float* out) {
  const int width = plan.width, lines = 3 * width, radius = plan.blur_radius;
  const int tiles = RoundUp(plan.height) / kTileRows;
  const size_t pitch = static_cast<size_t>(RoundUp(lines)) * kTileRows;
  const ptrdiff_t stride = static_cast<ptrdiff_t>(image.width) * image.channels;
  const Source source{.box = image.pixels + plan.box.top * stride +
                             static_cast<ptrdiff_t>(plan.box.left) * image.channels,
                      .end = image.pixels + image.height * stride,
                      .stride = stride,
                      .width = plan.box.width,
                      .channels = image.channels};
  MakeAxis(plan.box.height, plan.height, 1.0f / 255, scratch.rows);
  MakeAxis(plan.box.width, width, 1.0f, scratch.columns);
  ColorSteps list = ListSteps(plan);
  const Output output{.pixels = out, .height = plan.height, .line = lines};

  float* const rows = scratch.Get(ViewScratch::kRows, plan.box.height * size_t{kTileRows});
  float* const narrow =
      scratch.Get(ViewScratch::kNarrow,
                  static_cast<size_t>(RoundUp(plan.box.width * image.channels)) * kTileRows);
  float* const view = scratch.Get(ViewScratch::kTiles, tiles * pitch);
  double sum = 0;
  for (int tile = 0; tile < tiles; ++tile) {
    float* const at = view + tile * pitch;
    ResampleTile(source, scratch.rows, scratch.columns, width, plan.flip, tile, rows, narrow, at);
    // Rows past the last are 0 until the contrast and add nothing.
    if (list.before_mean() > 0 || list.contrast >= 0) {
      sum += ColorTile(list.steps, list.before_mean(), width, list.contrast >= 0, at, at);
    }
  }
  if (list.contrast >= 0) {
    PixelStep& step = list.steps[list.contrast];
    step.b[0] = (1 - step.a) * static_cast<float>(sum / (static_cast<double>(plan.height) * width));
  }
  const int first = list.before_mean(), rest = list.count - first;
  float* padded = nullptr;
  if (radius > 0) {
    scratch.blur_weights.resize(radius + 1);
    BlurWeights(plan.blur_sigma, radius, scratch.blur_weights.data());
    padded =
        scratch.Get(ViewScratch::kPadded, static_cast<size_t>(lines + 6 * radius) * kTileRows) +
        static_cast<ptrdiff_t>(3) * radius * kTileRows;
  }
  for (int tile = 0; tile < tiles; ++tile) {
    float* const at = view + tile * pitch;
    if (radius > 0) {
      ColorTile(list.steps + first, rest, width, false, at, padded);
      MirrorColumns(width, radius, padded);
      BlurTile(scratch.blur_weights.data(), radius, lines, padded, at);
    } else {
      if (rest > 0) ColorTile(list.steps + first, rest, width, false, at, at);
      WriteTile(at, tile, output);
    }
  }
  if (radius > 0) {
    const PixelStep last = NormalizeStep(plan);
    float* const column = scratch.Get(
        ViewScratch::kColumn, static_cast<size_t>(tiles * kTileRows + 2 * radius) * kTileRows);
    WriteBlurred(view, pitch, scratch.blur_weights.data(), radius, last.scale, last.b, column,
                 output);
  }
}

}  // namespace ssnas::fused_views
