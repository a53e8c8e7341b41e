#include "ssnas/datasets/augmentations/resample.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

namespace ssnas {
namespace {

// Keys' cubic, a = −0.5.
double Cubic(double x) {
  x = std::abs(x);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  if (x < 2) return ((-0.5 * x + 2.5) * x - 4) * x + 2;
  return 0;
}

// Output i is the sum of weight[i·taps + k] times input first[i] + k; every window lies inside the input.
struct AxisWeights {
  int taps = 0;
  std::vector<int> first;
  std::vector<float> weight;
};

AxisWeights MakeWeights(int input, int output) {
  const double scale = static_cast<double>(input) / output;
  const double stretch = std::max(scale, 1.0), support = 2 * stretch;
  AxisWeights axis;
  axis.taps = std::min(input, static_cast<int>(std::ceil(support)) * 2 + 1);
  axis.first.resize(output);
  axis.weight.assign(static_cast<size_t>(output) * axis.taps, 0.0f);
  std::vector<double> window(axis.taps);
  for (int i = 0; i < output; ++i) {
    const double center = (i + 0.5) * scale;
    const int begin = std::max(0, static_cast<int>(center - support + 0.5));
    const int end = std::min(input, static_cast<int>(center + support + 0.5));
    double sum = 0;
    for (int k = begin; k < end; ++k) {
      window[k - begin] = Cubic((k + 0.5 - center) / stretch);
      sum += window[k - begin];
    }
    axis.first[i] = std::min(begin, input - axis.taps);
    float* const weight = &axis.weight[static_cast<size_t>(i) * axis.taps] + (begin - axis.first[i]);
    for (int k = begin; k < end; ++k) weight[k - begin] = static_cast<float>(window[k - begin] / sum);
  }
  return axis;
}

// One row of `axis.first.size()` pixels from a row of the box.
template <int kChannels>
void ResizeRow(const AxisWeights& axis, const float* row, float* out) {
  const float* weight = axis.weight.data();
  for (const int first : axis.first) {
    const float* in = row + static_cast<ptrdiff_t>(first) * kChannels;
    float sum[kChannels] = {};
    for (int k = 0; k < axis.taps; ++k) {
      for (int c = 0; c < kChannels; ++c) sum[c] += weight[k] * in[k * kChannels + c];
    }
    for (int c = 0; c < kChannels; ++c) *out++ = sum[c];
    weight += axis.taps;
  }
}

}  // namespace

void CropAndResize(const CropBox& box, int height, int width, FloatImage& image) {
  const AxisWeights columns = MakeWeights(box.width, width);
  const AxisWeights rows = MakeWeights(box.height, height);
  const int channels = image.channels;
  const ptrdiff_t stride = static_cast<ptrdiff_t>(width) * channels;
  std::vector<float> narrow(stride * box.height);
  for (int y = 0; y < box.height; ++y) {
    const float* const row = &image.at(box.top + y, box.left, 0);
    if (channels == 3) {
      ResizeRow<3>(columns, row, &narrow[y * stride]);
    } else {
      ResizeRow<1>(columns, row, &narrow[y * stride]);
    }
  }
  image.height = height;
  image.width = width;
  image.pixels.resize(stride * height);
  for (int y = 0; y < height; ++y) {
    float* const out = &image.pixels[y * stride];
    std::fill(out, out + stride, 0.0f);
    for (int k = 0; k < rows.taps; ++k) {
      const float weight = rows.weight[static_cast<size_t>(y) * rows.taps + k];
      const float* const in = &narrow[(rows.first[y] + k) * stride];
      for (ptrdiff_t x = 0; x < stride; ++x) out[x] += weight * in[x];
    }
    for (ptrdiff_t x = 0; x < stride; ++x) out[x] = std::clamp(out[x], 0.0f, 1.0f);
  }
}

}  // namespace ssnas
