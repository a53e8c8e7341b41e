// NT-Xent's passes over single rows: from a projection to its direction, and back for the gradient.
// For nt_xent_loss.cc.
//
// u = z / |z|; ∂L/∂z = (g − (g · u) u) / |z| with g = ∂L/∂u: the part along u is lost. In double.
#ifndef SSNAS_OBJECTIVES_NT_XENT_NT_XENT_LENGTHS_H_
#define SSNAS_OBJECTIVES_NT_XENT_NT_XENT_LENGTHS_H_

#include <cstdint>

namespace ssnas {

inline constexpr double kShortest = 1e-8;  // length below which a projection has no direction

// Writes u and returns the length as used: kShortest for a z that is shorter.
template <typename T>
double NtXentUnitRow(const T* z, int64_t size, T* unit);

template <typename T>
struct NtXentRowGradient {
  int64_t size = 0;
  double length = 0;
  const T* unit = nullptr;
  // g = (sums + pair_weight · pair) / scale
  const T* sums = nullptr;
  const T* pair = nullptr;
  double pair_weight = 0;
  double scale = 0;
};

// gradient += ∂L/∂z. Where the length is kShortest, u moves with all of z.
template <typename T>
void NtXentAddThroughLength(const NtXentRowGradient<T>& row, T* gradient);

}  // namespace ssnas

#endif  // SSNAS_OBJECTIVES_NT_XENT_NT_XENT_LENGTHS_H_
