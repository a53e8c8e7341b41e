#include "ssnas/objectives/nt_xent/nt_xent_lengths.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ssnas/objectives/nt_xent/nt_xent_lengths.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>

HWY_BEFORE_NAMESPACE();
namespace ssnas {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// As many elements as `d` has lanes, in double. No alignment is asked for.
template <class D>
HWY_INLINE hn::Vec<D> LoadDouble(D d, const float* from) {
  return hn::PromoteTo(d, hn::LoadU(hn::Rebind<float, D>(), from));
}
template <class D>
HWY_INLINE hn::Vec<D> LoadDouble(D d, const double* from) {
  return hn::LoadU(d, from);
}
template <class D>
HWY_INLINE void StoreRounded(D, hn::Vec<D> v, float* to) {
  const hn::Rebind<float, D> narrow;
  hn::StoreU(hn::DemoteTo(narrow, v), narrow, to);
}
template <class D>
HWY_INLINE void StoreRounded(D d, hn::Vec<D> v, double* to) {
  hn::StoreU(v, d, to);
}

using Wide = hn::ScalableTag<double>;
using Single = hn::CappedTag<double, 1>;  // for what is left of a row

// Elements from `begin` on, while a whole vector is left; the caller goes on where this ends.
template <class D, typename T>
HWY_INLINE double Squares(D d, const T* z, int64_t size, int64_t* begin) {
  const int64_t lanes = hn::Lanes(d);
  hn::Vec<D> sum = hn::Zero(d);
  for (; *begin + lanes <= size; *begin += lanes) {
    const hn::Vec<D> x = LoadDouble(d, z + *begin);
    sum = hn::MulAdd(x, x, sum);
  }
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

template <class D, typename T>
HWY_INLINE void Scale(D d, const T* z, int64_t size, double factor, T* out, int64_t* begin) {
  const int64_t lanes = hn::Lanes(d);
  for (; *begin + lanes <= size; *begin += lanes) {
    StoreRounded(d, hn::Mul(LoadDouble(d, z + *begin), hn::Set(d, factor)), out + *begin);
  }
}

template <typename T>
double UnitRow(const T* z, int64_t size, T* unit) {
  int64_t begin = 0;
  double squares = Squares(Wide(), z, size, &begin);
  squares += Squares(Single(), z, size, &begin);
  const double length = std::max(std::sqrt(squares), kShortest);
  begin = 0;
  Scale(Wide(), z, size, 1 / length, unit, &begin);
  Scale(Single(), z, size, 1 / length, unit, &begin);
  return length;
}

// scale · g
template <class D, typename T>
HWY_INLINE hn::Vec<D> ScaledGradient(D d, const NtXentRowGradient<T>& row, int64_t at) {
  return hn::MulAdd(hn::Set(d, row.pair_weight), LoadDouble(d, row.pair + at),
                    LoadDouble(d, row.sums + at));
}

template <class D, typename T>
HWY_INLINE double Along(D d, const NtXentRowGradient<T>& row, int64_t* begin) {
  const int64_t lanes = hn::Lanes(d);
  hn::Vec<D> sum = hn::Zero(d);
  for (; *begin + lanes <= row.size; *begin += lanes) {
    sum = hn::MulAdd(LoadDouble(d, row.unit + *begin), ScaledGradient(d, row, *begin), sum);
  }
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

template <class D, typename T>
HWY_INLINE void AddAcross(D d, const NtXentRowGradient<T>& row, double along, T* gradient,
                          int64_t* begin) {
  const int64_t lanes = hn::Lanes(d);
  const hn::Vec<D> factor = hn::Set(d, 1 / row.scale / row.length);
  for (; *begin + lanes <= row.size; *begin += lanes) {
    const hn::Vec<D> across = hn::NegMulAdd(hn::Set(d, along), LoadDouble(d, row.unit + *begin),
                                            ScaledGradient(d, row, *begin));
    const hn::Vec<D> sum = hn::MulAdd(across, factor, LoadDouble(d, gradient + *begin));
    StoreRounded(d, sum, gradient + *begin);
  }
}

template <typename T>
void AddThroughLength(const NtXentRowGradient<T>& row, T* gradient) {
  int64_t begin = 0;
  double along = Along(Wide(), row, &begin);
  along += Along(Single(), row, &begin);
  if (row.length == kShortest) along = 0;
  begin = 0;
  AddAcross(Wide(), row, along, gradient, &begin);
  AddAcross(Single(), row, along, gradient, &begin);
}

double UnitRowFloat(const float* z, int64_t size, float* unit) { return UnitRow(z, size, unit); }
double UnitRowDouble(const double* z, int64_t size, double* unit) { return UnitRow(z, size, unit); }
void AddFloat(const NtXentRowGradient<float>& row, float* gradient) {
  AddThroughLength(row, gradient);
}
void AddDouble(const NtXentRowGradient<double>& row, double* gradient) {
  AddThroughLength(row, gradient);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace ssnas
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ssnas {

HWY_EXPORT(UnitRowFloat);
HWY_EXPORT(UnitRowDouble);
HWY_EXPORT(AddFloat);
HWY_EXPORT(AddDouble);

template <>
double NtXentUnitRow(const float* z, int64_t size, float* unit) {
  return HWY_DYNAMIC_DISPATCH(UnitRowFloat)(z, size, unit);
}
template <>
double NtXentUnitRow(const double* z, int64_t size, double* unit) {
  return HWY_DYNAMIC_DISPATCH(UnitRowDouble)(z, size, unit);
}
template <>
void NtXentAddThroughLength(const NtXentRowGradient<float>& row, float* gradient) {
  HWY_DYNAMIC_DISPATCH(AddFloat)(row, gradient);
}
template <>
void NtXentAddThroughLength(const NtXentRowGradient<double>& row, double* gradient) {
  HWY_DYNAMIC_DISPATCH(AddDouble)(row, gradient);
}

}  // namespace ssnas
#endif  // HWY_ONCE
