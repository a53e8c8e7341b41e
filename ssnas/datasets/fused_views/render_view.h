// One view from the bytes of an image to normalised floats, as it was drawn: crop and resize, flip,
// colour changes in their order, grey, blur, normalise.
//
// Passes over the view (view_kernels.h): the first resizes a tile and does the colour steps up to
// the contrast, which needs the mean of the whole; the second does the others and the blur along x;
// the last turns tiles back, with the blur along y. What was not drawn costs nothing.
// Within 1e-5 of the plugins before normalisation.
//
// Example:
//   ViewPlan plan = …;
//   thread_local ViewScratch scratch;
//   RenderView(image, plan, scratch, out);
#ifndef SSNAS_DATASETS_FUSED_VIEWS_RENDER_VIEW_H_
#define SSNAS_DATASETS_FUSED_VIEWS_RENDER_VIEW_H_

#include <array>
#include <cstddef>
#include <vector>

#include "ssnas/datasets/augmentations/color_change.h"
#include "ssnas/datasets/augmentations/resample.h"
#include "ssnas/datasets/dataset.h"
#include "ssnas/datasets/fused_views/view_kernels.h"

namespace ssnas::fused_views {

// What is done to one image; by itself: nothing.
struct ViewPlan {
  CropBox box;  // inside the image
  int height = 0, width = 0;
  bool flip = false;
  int change_count = 0;
  std::array<ColorChange, 4> changes;  // at most one of a kind
  bool gray = false;
  int blur_radius = 0;  // 0: none
  double blur_sigma = 0;
  bool normalize = false;
  std::array<float, 3> mean = {}, scale = {};  // (x − mean)·scale
};

// Memory that is kept from view to view; for one thread at a time.
class ViewScratch {
 public:
  // On 64 bytes, values undefined; valid until the next call with the same number.
  enum Buffer { kRows, kNarrow, kTiles, kPadded, kBlurredRows, kBuffers };
  float* Get(Buffer buffer, size_t count);
  // Gives back what only very large views need.
  void Trim();

  Axis rows, columns;
  std::vector<float> blur_weights;

 private:
  static constexpr size_t kKeptFloats = size_t{4} << 20;  // a view of 1,024 × 1,024 has 3 · 2²⁰

  std::array<std::vector<float>, kBuffers> buffers_;
};

// Writes height × width × 3 floats.
void RenderView(const ImageView& image, const ViewPlan& plan, ViewScratch& scratch, float* out);

}  // namespace ssnas::fused_views

#endif  // SSNAS_DATASETS_FUSED_VIEWS_RENDER_VIEW_H_
