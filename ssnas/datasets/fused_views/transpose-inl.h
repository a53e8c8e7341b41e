// A square of 16 × 16 floats turned over, for kernels: compiled once an instruction set.
//
// A register is loaded from as many rows as it has blocks of four floats, so that exchanges stay
// inside blocks: Transpose16 has no step that crosses them, whatever the register's width.
#if defined(SSNAS_DATASETS_FUSED_VIEWS_TRANSPOSE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SSNAS_DATASETS_FUSED_VIEWS_TRANSPOSE_INL_H_
#undef SSNAS_DATASETS_FUSED_VIEWS_TRANSPOSE_INL_H_
#else
#define SSNAS_DATASETS_FUSED_VIEWS_TRANSPOSE_INL_H_
#endif

#include <cstddef>

#include "hwy/highway.h"
#include "ssnas/datasets/fused_views/view_kernels.h"

HWY_BEFORE_NAMESPACE();
namespace ssnas::fused_views {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, kTileRows>;
using V = hn::Vec<D>;
const D d;
constexpr int kLanes = static_cast<int>(hn::MaxLanes(D()));
constexpr int kRegisters = kTileRows / kLanes;  // of a line of a tile

#if HWY_TARGET == HWY_SCALAR

HWY_INLINE void Transpose16(const float* from, size_t from_pitch, float* to, size_t to_pitch) {
  for (int i = 0; i < kTileRows; ++i) {
    for (int j = 0; j < kTileRows; ++j) to[j * to_pitch + i] = from[i * from_pitch + j];
  }
}

#else

// Block b of the register is four floats at from + b·stride.
template <class Tag>
HWY_INLINE hn::Vec<Tag> LoadBlocks(Tag tag, const float* from, size_t stride) {
  if constexpr (hn::MaxLanes(Tag()) <= 4) {
    return hn::LoadU(tag, from);
  } else {
    const hn::Half<Tag> half;
    constexpr size_t kBlocks = hn::MaxLanes(hn::Half<Tag>()) / 4;
    return hn::Combine(tag, LoadBlocks(half, from + kBlocks * stride, stride),
                       LoadBlocks(half, from, stride));
  }
}

// to[j·to_pitch + i] = from[i·from_pitch + j].
HWY_INLINE void Transpose16(const float* from, size_t from_pitch, float* to, size_t to_pitch) {
  const hn::Repartition<uint64_t, D> pairs;
#pragma GCC unroll 4
  for (int i = 0; i < kTileRows; i += kLanes) {
#pragma GCC unroll 4
    for (int j = 0; j < kTileRows; j += 4) {
      const float* const corner = from + i * from_pitch + j;
      const V v0 = LoadBlocks(d, corner, 4 * from_pitch);
      const V v1 = LoadBlocks(d, corner + from_pitch, 4 * from_pitch);
      const V v2 = LoadBlocks(d, corner + 2 * from_pitch, 4 * from_pitch);
      const V v3 = LoadBlocks(d, corner + 3 * from_pitch, 4 * from_pitch);
      const auto low01 = hn::BitCast(pairs, hn::InterleaveLower(d, v0, v1));
      const auto low23 = hn::BitCast(pairs, hn::InterleaveLower(d, v2, v3));
      const auto high01 = hn::BitCast(pairs, hn::InterleaveUpper(d, v0, v1));
      const auto high23 = hn::BitCast(pairs, hn::InterleaveUpper(d, v2, v3));
      float* const out = to + j * to_pitch + i;
      hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, low01, low23)), d, out);
      hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, low01, low23)), d, out + to_pitch);
      hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, high01, high23)), d, out + 2 * to_pitch);
      hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, high01, high23)), d, out + 3 * to_pitch);
    }
  }
}

#endif  // HWY_TARGET

}  // namespace HWY_NAMESPACE
}  // namespace ssnas::fused_views
HWY_AFTER_NAMESPACE();

#endif  // per target
