// Loads for kernels: compiled once an instruction set.
#if defined(SSNAS_ENGINE_FUSED_LOADS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SSNAS_ENGINE_FUSED_LOADS_INL_H_
#undef SSNAS_ENGINE_FUSED_LOADS_INL_H_
#else
#define SSNAS_ENGINE_FUSED_LOADS_INL_H_
#endif

#include <cstring>

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace ssnas::fused {
namespace HWY_NAMESPACE {

// A register that is loaded once, however often it is used: GCC would rather read memory again for
// each multiplication, and a core loads no more registers in a cycle than it multiplies.
template <class D>
HWY_INLINE hwy::HWY_NAMESPACE::Vec<D> LoadOnce(D d, const float* from) {
  hwy::HWY_NAMESPACE::Vec<D> value = hwy::HWY_NAMESPACE::LoadU(d, from);
#if HWY_COMPILER_GCC && HWY_ARCH_X86 && HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128
  asm("" : "+v"(value.raw));
#endif
  return value;
}

// Lanes where `mask` (of FirstN) holds; zeros elsewhere. Highway's MaskedLoad reads whole aligned
// registers where the instruction set has no masked loads.
template <class D>
HWY_INLINE hwy::HWY_NAMESPACE::Vec<D> PartialLoad(hwy::HWY_NAMESPACE::Mask<D> mask, D d,
                                                  const float* from) {
  namespace hn = hwy::HWY_NAMESPACE;
  // AVX2 and better; other instruction sets have larger numbers.
  if (HWY_TARGET <= HWY_AVX2) return hn::MaskedLoad(mask, d, from);
  HWY_ALIGN float lanes[HWY_MAX_BYTES / sizeof(float)] = {};
  std::memcpy(lanes, from, hn::CountTrue(d, mask) * sizeof(float));
  return hn::Load(d, lanes);
}

}  // namespace HWY_NAMESPACE
}  // namespace ssnas::fused
HWY_AFTER_NAMESPACE();

#endif  // per target
