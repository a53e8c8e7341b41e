// NT-Xent: the two views of an image are drawn together, all other views of the batch pushed apart.
//
//   z = W₂ relu(W₁ h + b₁) + b₂,   s_ij = z_i · z_j / (τ |z_i| |z_j|),
//   L = mean over 2N rows i of  −s_ij(i) + log Σ_{k ≠ i} exp s_ik,   j(i): the other view of i's image
//
// h: `representation`, 2N × D, rows [0, N) the first views, [N, 2N) the second. Gradient of row i:
// ∂L/∂s_ik = (p_ik − [k = j(i)]) / 2N with p_i = softmax over k ≠ i. A projection shorter than 1e-8 counts as that
// long. Similarities are made by blocks of rows: never more than 64 × 2N at once. Any τ > 0 is safe: the largest
// similarity of each row is subtracted first.
// Config: nt_xent.proto. Cost: D·H + H·P weights (hidden H, projection P), (2N)²·P multiply-adds three times.
// Source: paper section 3.4; SimCLR section 2. Example: example.textproto
#ifndef SSNAS_OBJECTIVES_NT_XENT_NT_XENT_H_
#define SSNAS_OBJECTIVES_NT_XENT_NT_XENT_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "ssnas/objectives/nt_xent/nt_xent.pb.h"
#include "ssnas/objectives/objective.h"

namespace ssnas {

absl::StatusOr<std::unique_ptr<Objective>> MakeNtXent(const NtXentConfig& config);

// The loss alone, on projections (rows × size, rows even, view-major); adds ∂L/∂z to `gradient` unless that is null.
template <typename T>
LossValue NtXentLoss(const T* projection, int64_t rows, int64_t size, double temperature, T* gradient);

}  // namespace ssnas

#endif  // SSNAS_OBJECTIVES_NT_XENT_NT_XENT_H_
