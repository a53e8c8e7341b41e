// Recipes that several operations and networks share: preprocessing, stems, the auxiliary head.
//
// Names of parameters are part of every checkpoint. Source: DARTS sections 3.1–3.3 and the networks
// of quark0/darts, whose published sizes the tests pin.
#ifndef SSNAS_OPS_COMMON_RECIPES_H_
#define SSNAS_OPS_COMMON_RECIPES_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "ssnas/ops/recipe.h"

namespace ssnas {

// y = norm(conv(relu(x))): "conv.weight", "norm". k·k dense convolution to out_channels.
Recipe ReluConvBn(int64_t in_channels, int64_t out_channels, int kernel, int stride, int padding,
                  bool affine);

// Halves the size without losing a pixel: y = norm(concat(P₁ relu(x), P₂ shift(relu(x)))), both
// pointwise of stride 2. x: N×H×W×C → N×⌈H/2⌉×⌈W/2⌉×out. The shifted half reads zeros past the last
// row and column, so that odd sizes work too (quark0/darts has even ones only). "pointwise1",
// "pointwise2", "norm". InvalidArgument below two output channels: each half makes at least one
// (⌊out/2⌋ and ⌈out/2⌉).
absl::StatusOr<Recipe> FactorizedReduce(int64_t in_channels, int64_t out_channels, bool affine);

// y = norm(conv3×3(x)); the norm is affine even in a search. "conv", "norm".
Recipe CifarStem(int64_t image_channels, int64_t out_channels);

// Size / 4: conv3×3 stride 2 to ⌊out/2⌋, norm, relu, conv3×3 stride 2 to out, norm. "conv1",
// "norm1", "conv2", "norm2". out_channels ≥ 2.
Recipe ImageNetStem0(int64_t image_channels, int64_t out_channels);

// Size / 2: relu, conv3×3 stride 2, norm. "conv", "norm".
Recipe ImageNetStem1(int64_t channels);

// Convolutions of the auxiliary head: relu, average pool to 2×2, conv1×1 to 128, norm, relu,
// conv2×2 to 768, norm (not on ImageNet, as published), relu: N×size×size×C → N×1×1×768. "conv1",
// "norm1", "conv2", "norm2". The pool's kernel is k = max(5, ⌈size/2⌉) with stride size − k from
// size 6 on (8 → 5, 3 and 7 → 5, 2 as published), size − 1 with stride 1 below. InvalidArgument for
// size < 2.
enum class AuxiliaryNorm { kBoth, kFirstOnly };
absl::StatusOr<Recipe> AuxiliaryHead(int64_t in_channels, int64_t size, AuxiliaryNorm norms);

}  // namespace ssnas

#endif  // SSNAS_OPS_COMMON_RECIPES_H_
