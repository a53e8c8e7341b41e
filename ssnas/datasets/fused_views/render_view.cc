#include "ssnas/datasets/fused_views/render_view.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "ssnas/datasets/augmentations/gaussian_blur/gaussian_blur.h"
#include "ssnas/datasets/augmentations/mirror.h"

namespace ssnas::fused_views {
namespace {

constexpr size_t kAlignment = kTileRows * sizeof(float);

// The colour steps; those from the contrast on wait for the mean.
struct ColorSteps {
  static constexpr int kMost = 6;  // four changes, grey, normalisation

  PixelStep steps[kMost];
  int count = 0;
  int contrast = -1;  // its index; −1: none

  bool needs_mean() const { return contrast >= 0; }
  int before_mean() const { return needs_mean() ? contrast : count; }
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

// One view's passes over its tiles.
class Renderer {
 public:
  Renderer(const ImageView& image, const ViewPlan& plan, ViewScratch& scratch, float* out);

  // Resized, with the colour steps that need no mean; then the contrast knows its.
  void Resample();
  // The colour steps that are left, and the view written.
  void Finish();

 private:
  float* tile(int t) const { return view_ + t * pitch_; }
  // Applies the steps from `first` on, before `end`; returns the sum of grey values if asked to.
  double Color(int first, int end, bool wants_sum, const float* in, float* out) const {
    return ColorTile(list_.steps + first, end - first, plan_.width, wants_sum, in, out);
  }
  void MirrorColumns(float* first) const;
  void FinishBlurred();

  const ImageView& image_;
  const ViewPlan& plan_;
  ViewScratch& scratch_;
  const Output output_;
  const int tiles_;
  const size_t pitch_;  // floats from tile to tile
  ColorSteps list_;
  float* const view_;
};

Renderer::Renderer(const ImageView& image, const ViewPlan& plan, ViewScratch& scratch, float* out)
    : image_(image),
      plan_(plan),
      scratch_(scratch),
      output_{.pixels = out, .height = plan.height, .line = 3 * plan.width},
      tiles_(RoundUp(plan.height) / kTileRows),
      pitch_(static_cast<size_t>(RoundUp(output_.line)) * kTileRows),
      list_(ListSteps(plan)),
      view_(scratch.Get(ViewScratch::kTiles, tiles_ * pitch_)) {}

void Renderer::Resample() {
  const CropBox& box = plan_.box;
  const ptrdiff_t stride = static_cast<ptrdiff_t>(image_.width) * image_.channels;
  const Source source{
      .box = image_.pixels + box.top * stride + static_cast<ptrdiff_t>(box.left) * image_.channels,
      .end = image_.pixels + image_.height * stride,
      .stride = stride,
      .width = box.width,
      .channels = image_.channels};
  MakeAxis(box.height, plan_.height, 1.0f / 255, scratch_.rows);
  MakeAxis(box.width, plan_.width, 1.0f, scratch_.columns);
  float* const rows = scratch_.Get(ViewScratch::kRows, box.height * size_t{kTileRows});
  float* const narrow = scratch_.Get(
      ViewScratch::kNarrow, static_cast<size_t>(RoundUp(box.width * image_.channels)) * kTileRows);
  double sum = 0;
  for (int t = 0; t < tiles_; ++t) {
    ResampleTile(source, scratch_.rows, scratch_.columns, plan_.width, plan_.flip, t, rows, narrow,
                 tile(t));
    // Rows past the last are 0 until the contrast and add nothing.
    if (list_.count > 0) sum += Color(0, list_.before_mean(), list_.needs_mean(), tile(t), tile(t));
  }
  if (!list_.needs_mean()) return;
  PixelStep& contrast = list_.steps[list_.contrast];
  const double count = static_cast<double>(plan_.height) * plan_.width;
  contrast.b[0] = (1 - contrast.a) * static_cast<float>(sum / count);
}

void Renderer::Finish() {
  if (plan_.blur_radius > 0) return FinishBlurred();
  for (int t = 0; t < tiles_; ++t) {
    if (list_.needs_mean()) Color(list_.contrast, list_.count, false, tile(t), tile(t));
    WriteTile(tile(t), t, output_);
  }
}

// Columns before the first and behind the last as the tile's mirror images.
void Renderer::MirrorColumns(float* first) const {
  constexpr ptrdiff_t kColumn = 3 * kTileRows;
  const auto copy = [first](int from, int to) {
    std::memcpy(first + to * kColumn, first + from * kColumn, kColumn * sizeof(float));
  };
  for (int k = 1; k <= plan_.blur_radius; ++k) {
    const int right = plan_.width - 1 + k;
    copy(MirroredIndex(-k, plan_.width), -k);
    copy(MirroredIndex(right, plan_.width), right);
  }
}

void Renderer::FinishBlurred() {
  const int radius = plan_.blur_radius;
  scratch_.blur_weights.resize(radius + 1);
  float* const weights = scratch_.blur_weights.data();
  BlurWeights(plan_.blur_sigma, radius, weights);
  const size_t margin = static_cast<size_t>(radius) * 3 * kTileRows;
  float* const padded = scratch_.Get(ViewScratch::kPadded, pitch_ + 2 * margin) + margin;
  for (int t = 0; t < tiles_; ++t) {
    Color(list_.before_mean(), list_.count, false, tile(t), padded);
    MirrorColumns(padded);
    BlurTile(weights, radius, output_.line, padded, tile(t));
  }
  const PixelStep last = NormalizeStep(plan_);
  float* const rows =
      scratch_.Get(ViewScratch::kBlurredRows,
                   (static_cast<size_t>(tiles_) * kTileRows + 2 * radius) * kTileRows);
  WriteBlurred(view_, pitch_, weights, radius, last.scale, last.b, rows, output_);
}

}  // namespace

float* ViewScratch::Get(Buffer buffer, size_t count) {
  std::vector<float>& memory = buffers_[buffer];
  if (memory.size() < count + kTileRows) memory.resize(count + kTileRows);
  const uintptr_t address = reinterpret_cast<uintptr_t>(memory.data());
  return memory.data() + (kAlignment - address % kAlignment) % kAlignment / sizeof(float);
}

void ViewScratch::Trim() {
  for (std::vector<float>& memory : buffers_) {
    if (memory.size() > kKeptFloats) std::vector<float>().swap(memory);
  }
}

void RenderView(const ImageView& image, const ViewPlan& plan, ViewScratch& scratch, float* out) {
  Renderer renderer(image, plan, scratch, out);
  renderer.Resample();
  renderer.Finish();
  scratch.Trim();
}

}  // namespace ssnas::fused_views
