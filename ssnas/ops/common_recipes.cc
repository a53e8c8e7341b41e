#include "ssnas/ops/common_recipes.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace ssnas {

Recipe ReluConvBn(int64_t in_channels, int64_t out_channels, int kernel, int stride, int padding,
                  bool affine) {
  RecipeBuilder b(in_channels);
  int x = b.Relu(b.Input());
  // Engines have a faster way for 1×1.
  x = kernel == 1 && padding == 0 ? b.Pointwise("conv", x, out_channels, stride)
                                  : b.Conv("conv", x, out_channels, kernel, stride, padding);
  x = b.BatchNorm("norm", x, affine);
  return std::move(b).Build(x);
}

absl::StatusOr<Recipe> FactorizedReduce(int64_t in_channels, int64_t out_channels, bool affine) {
  if (out_channels < 2) {
    return absl::InvalidArgumentError(
        absl::StrCat("a factorized reduction to ", out_channels,
                     " channels: it joins two halves, so give it 2 or more"));
  }
  RecipeBuilder b(in_channels);
  const int x = b.Relu(b.Input());
  const int64_t half = out_channels / 2;
  const int even = b.Pointwise("pointwise1", x, half, 2);
  const int odd = b.Pointwise("pointwise2", b.Shift(x), out_channels - half, 2);
  const int y = b.BatchNorm("norm", b.Concat({even, odd}), affine);
  return std::move(b).Build(y);
}

Recipe CifarStem(int64_t image_channels, int64_t out_channels) {
  RecipeBuilder b(image_channels);
  const int x = b.Conv("conv", b.Input(), out_channels, 3, 1, 1);
  const int y = b.BatchNorm("norm", x, true);
  return std::move(b).Build(y);
}

Recipe ImageNetStem0(int64_t image_channels, int64_t out_channels) {
  RecipeBuilder b(image_channels);
  int x = b.Conv("conv1", b.Input(), out_channels / 2, 3, 2, 1);
  x = b.Relu(b.BatchNorm("norm1", x, true));
  x = b.Conv("conv2", x, out_channels, 3, 2, 1);
  x = b.BatchNorm("norm2", x, true);
  return std::move(b).Build(x);
}

Recipe ImageNetStem1(int64_t channels) { return ReluConvBn(channels, channels, 3, 2, 1, true); }

absl::StatusOr<Recipe> AuxiliaryHead(int64_t in_channels, int64_t size, AuxiliaryNorm norms) {
  if (size < 2) {
    return absl::InvalidArgumentError(
        absl::StrCat("an auxiliary head on features of ", size, "×", size,
                     ": it pools to 2×2, so use larger images or leave it out"));
  }
  const int64_t kernel = size < 6 ? size - 1 : std::max<int64_t>(5, (size + 1) / 2);
  RecipeBuilder b(in_channels);
  int x = b.Relu(b.Input());
  x = b.AvgPool(x, static_cast<int>(kernel), static_cast<int>(size - kernel), 0);
  x = b.Relu(b.BatchNorm("norm1", b.Pointwise("conv1", x, 128), true));
  x = b.Conv("conv2", x, 768, 2, 1, 0);
  if (norms == AuxiliaryNorm::kBoth) x = b.BatchNorm("norm2", x, true);
  x = b.Relu(x);
  return std::move(b).Build(x);
}

}  // namespace ssnas
