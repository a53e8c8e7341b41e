// Optimisers over flat buffers, and their schedules. Same arithmetic as PyTorch's (weight decay is
// added to the gradient; momentum without dampening).
//
// A clipped step reads the gradient twice: once for its norm, once in the update, which scales it
// on the way and goes over each buffer once. Guaranteed: the same bits for any thread count and any
// way of cutting, and on every CPU, whatever its vector width and whether it can fuse
// multiplications with additions: blocks of 4,096 elements, 16 sums each, in a fixed order
// (flat_update.h).
//
// Example:
//   const double norm = GradientNorm(gradient);
//   SgdStep({.learning_rate = 0.025, .gradient_scale = ClipScale(5, norm)}, gradient, v, w);
#ifndef SSNAS_TRAINING_OPTIMIZER_H_
#define SSNAS_TRAINING_OPTIMIZER_H_

#include <cstdint>

#include "absl/types/span.h"
#include "ssnas/core/parallel_for.h"
#include "ssnas/proto/experiment.pb.h"

namespace ssnas {

// Euclidean norm, in double. Infinite or NaN where the gradient is.
double GradientNorm(absl::Span<const float> gradient, const ParallelFor& parallel_for = SerialFor);

// What the gradient is to be multiplied by: clip / (norm + 1e-6) where that is below 1 (PyTorch's
// rule), else 1. clip 0: never clipped.
double ClipScale(double clip_norm, double norm);

struct SgdRule {
  double learning_rate = 0, momentum = 0, weight_decay = 0;
  double gradient_scale = 1;  // from ClipScale
};

// v ← μ v + (s g + λ w); w ← w − η v. `velocity` starts at zero.
void SgdStep(const SgdRule& rule, absl::Span<const float> gradient, absl::Span<float> velocity,
             absl::Span<float> weights, const ParallelFor& parallel_for = SerialFor);

// Adam with bias correction; `step` counts from 1. m, v start at zero.
void AdamStep(const AdamSpec& spec, int64_t step, absl::Span<const float> gradient,
              absl::Span<float> m, absl::Span<float> v, absl::Span<float> values,
              const ParallelFor& parallel_for = SerialFor);

// Learning rate of the step: linear warm-up over `warmup_epochs`, then a cosine from learning_rate
// to final_learning_rate that reaches its end after the last epoch (DARTS: rate of epoch e of E is
// final + (lr − final)(1 + cos(π e / E)) / 2).
double LearningRate(const SgdSpec& spec, int64_t epoch, int64_t step_in_epoch,
                    int64_t steps_per_epoch, int64_t epochs);

}  // namespace ssnas

#endif  // SSNAS_TRAINING_OPTIMIZER_H_
