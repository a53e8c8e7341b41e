// How far an engine's gradients are from exact ones.
//
// The error of a tensor (ssnas/engine/tensor_errors.h) is against the float64 reference engine; of
// a run it is the worst over the representation and all gradients (weights, alphas, images);
// reported is the run with the median over several seeds. "Strict": the reference replays the
// engine's ReLU masks and max-pool winners (ssnas/engine/decisions.h). "Free": nothing is shared,
// so a value within rounding of a tie may flip; beside it stands what eager float32 shows in both
// layouts. Loss: cross-entropy. Source: docs/performance.md.
#ifndef BENCH_EXACTNESS_H_
#define BENCH_EXACTNESS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "ssnas/engine/pointwise.h"
#include "ssnas/engine/tensor_errors.h"

namespace ssnas {

struct ExactnessOptions {
  std::string engine = "reference";
  Pointwise pointwise = Pointwise::kFloat32;
  int threads = 1;
  int channels = 16, cells = 8;
  int64_t batch = 2, image_size = 32;
  int seeds = 5;
};

struct Exactness {
  // `strict` is NaN when the engine records no decisions.
  TensorError strict, free, eager_nchw, eager_channels_last;
  int64_t decisions = 0;  // of ReLUs and max pools, all seeds
  int64_t flipped = 0;    // of these, other than the float64 reference decides
};

absl::StatusOr<Exactness> MeasureExactness(const ExactnessOptions& options);

}  // namespace ssnas

#endif  // BENCH_EXACTNESS_H_
