// Cosine targets: the two views of an image at cosine 1, views of different images at cosine 0.
//
//   z = W h + b,   s_ik = z_i · z_k / (|z_i| |z_k|),
//   L = mean over i of (1 − s_ij(i))²  +  w · mean over i and k ∉ {i, j(i)} of s_ik²
//
// h: `representation`, 2N × D, rows [0, N) the first views, [N, 2N) the second; j(i): the other
// view of i's image. A z shorter than 1e-8 is divided by 1e-8 instead of its length. Accuracy:
// share of rows whose pair is nearer than every other row. Config: projection_size P, apart w.
// Cost: P(D + 1) weights, (2N)²·P multiply-adds forward and as many back. Source: ours, as an
// example. Example: example.textproto
#ifndef COSINE_TARGET_COSINE_TARGET_H_
#define COSINE_TARGET_COSINE_TARGET_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "cosine_target/cosine_target.pb.h"
#include "ssnas/objectives/objective.h"

namespace outside {

absl::StatusOr<std::unique_ptr<ssnas::Objective>> MakeCosineTarget(
    const CosineTargetConfig& config);

// Of `rows` projections, row by row; writes ∂L/∂z.
ssnas::LossValue CosineTargetLoss(const std::vector<double>& z, int64_t rows, double apart,
                                  std::vector<double>* gradient);

}  // namespace outside

#endif  // COSINE_TARGET_COSINE_TARGET_H_
