#include "bench/view_cost.h"

#include <algorithm>
#include <cmath>

namespace ssnas {
namespace {

int64_t Taps(int input, int output) {
  if (input == output) return 1;
  const double stretch = std::max(1.0, static_cast<double>(input) / output);
  return std::min(input, static_cast<int>(std::ceil(4 * stretch)));
}

// A pixel of three channels; the grey value takes 3.
int64_t OfChange(ColorChange::Kind kind) {
  switch (kind) {
    case ColorChange::Kind::kBrightness:
      return 3 * 2;
    case ColorChange::Kind::kContrast:
      return 3 * 3 + 3 + 1;  // and the mean
    case ColorChange::Kind::kSaturation:
      return 3 * 3 + 3 + 1;
    case ColorChange::Kind::kHue:
      // Largest and smallest 4, chroma 1, which is largest 2, difference and third 7, quotient 2,
      // turn 5, trapezia 5 + 5 + 4, channels 6.
      return 41;
  }
  return 0;
}

}  // namespace

int64_t CountOperations(const fused_views::ViewPlan& plan, int source_channels) {
  const int64_t height = plan.height, width = plan.width, pixels = height * width;
  const int64_t box_row = static_cast<int64_t>(plan.box.width) * source_channels;
  int64_t operations = box_row * plan.box.height;  // to float
  operations += box_row * height * Taps(plan.box.height, plan.height);
  operations += pixels * source_channels * (Taps(plan.box.width, plan.width) + 2);  // and clipped
  for (int i = 0; i < plan.change_count; ++i) operations += pixels * OfChange(plan.changes[i].kind);
  if (plan.gray) operations += pixels * 3;
  // Each pass a pair's sum and a multiply-add a distance, a product for the centre; then a minimum.
  if (plan.blur_radius > 0) operations += pixels * 3 * (2 * (2 * plan.blur_radius + 1) + 1);
  if (plan.normalize) operations += pixels * 3;
  return operations;
}

}  // namespace ssnas
