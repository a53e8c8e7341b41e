// The NT-Xent loss of projections and its gradient, without the matrix of similarities.
//
//   L = mean over rows i of  −s_ij(i) + log Σ_{k ≠ i} exp s_ik,  s_ik = z_i · z_k / (τ |z_i| |z_k|)
//
// z: rows × size, view-major; rows even. Memory: 3 · rows · size beside z, and a few numbers a row;
// cosines live 64 × 64 at a time (nt_xent_tiles.h). Multiply-adds: rows² · size / 2 forward, that
// and rows² · size backward. Any τ > 0 is safe. A z shorter than 1e-8 is divided by 1e-8 instead of
// its length. A z that is not finite makes loss and gradient NaN. `spread` is that of z / |z|, for
// more than two rows.
// How the work is cut, by threads or otherwise, changes no bit: blocks are fixed, and so is the
// order in which a block meets the others. Source: paper section 3.4; docs/objectives.md.
// Example:
//   const LossValue value = NtXentLoss(z, 2 * images, 128, 0.5, z_gradient, SerialFor);
#ifndef SSNAS_OBJECTIVES_NT_XENT_NT_XENT_LOSS_H_
#define SSNAS_OBJECTIVES_NT_XENT_NT_XENT_LOSS_H_

#include <cstdint>

#include "ssnas/core/parallel_for.h"
#include "ssnas/objectives/objective.h"

namespace ssnas {

// Adds ∂L/∂z to `gradient` unless that is null.
template <typename T>
LossValue NtXentLoss(const T* projection, int64_t rows, int64_t size, double temperature,
                     T* gradient, const ParallelFor& parallel_for);

}  // namespace ssnas

#endif  // SSNAS_OBJECTIVES_NT_XENT_NT_XENT_LOSS_H_
