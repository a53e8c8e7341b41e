// NT-Xent: the two views of an image are drawn together, all other views of the batch pushed apart.
//
//   z = W₂ relu(W₁ h + b₁) + b₂,   s_ij = z_i · z_j / (τ |z_i| |z_j|),
//   L = mean over 2N rows i of  −s_ij(i) + log Σ_{k ≠ i} exp s_ik,   j(i): the other view of i's
//   image
//
// h: `representation`, 2N × D, rows [0, N) the first views, [N, 2N) the second; z: `projection`, 2N
// × P; τ: `temperature`. ∂L/∂s_ik = (p_ik − [k = j(i)]) / 2N with p_i = softmax of s_i over k ≠ i.
// A z shorter than 1e-8 is divided by 1e-8 instead of its length: its cosines go to 0, its gradient
// stays finite. Any τ > 0 is safe: a row's largest cosine is subtracted before the division by τ.
// Accuracy: share of rows whose pair is nearer than every other row; equal projections score 0.
// The 2N × 2N cosines are never held: memory is O(2N · P), and the thread count changes no bit
// (nt_xent_loss.h).
// Config: nt_xent.proto. Cost: D·H + H + H·P + P weights (hidden H); (2N)²·P multiply-adds,
// half of it forward and one and a half backward. Source: paper section 3.4; SimCLR section 2.
// Example: example.textproto
#ifndef SSNAS_OBJECTIVES_NT_XENT_NT_XENT_H_
#define SSNAS_OBJECTIVES_NT_XENT_NT_XENT_H_

#include <memory>

#include "absl/status/statusor.h"
#include "ssnas/objectives/nt_xent/nt_xent.pb.h"
#include "ssnas/objectives/objective.h"

namespace ssnas {

absl::StatusOr<std::unique_ptr<Objective>> MakeNtXent(const NtXentConfig& config);

}  // namespace ssnas

#endif  // SSNAS_OBJECTIVES_NT_XENT_NT_XENT_H_
