// Optimisers over flat buffers, and their schedules. Same arithmetic as PyTorch's (weight decay is
// added to the gradient; momentum without dampening).
#ifndef SSNAS_TRAINING_OPTIMIZER_H_
#define SSNAS_TRAINING_OPTIMIZER_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "ssnas/proto/experiment.pb.h"

namespace ssnas {

// Euclidean norm in double over fixed blocks of 4,096; thread count plays no part.
double GradientNorm(absl::Span<const float> gradient);

// Scales by clip / (norm + 1e-6) when that is below 1 (PyTorch's rule). Returns the norm before.
// clip 0: never.
double ClipGradient(double clip_norm, absl::Span<float> gradient);

// v ← μ v + (g + λ w); w ← w − η v. `velocity` starts at zero.
void SgdStep(double learning_rate, double momentum, double weight_decay,
             absl::Span<const float> gradient, absl::Span<float> velocity,
             absl::Span<float> weights);

// Adam with bias correction; `step` counts from 1. m, v start at zero.
void AdamStep(const AdamSpec& spec, int64_t step, absl::Span<const float> gradient,
              absl::Span<float> m, absl::Span<float> v, absl::Span<float> values);

// Learning rate of the step: linear warm-up over `warmup_epochs`, then a cosine from learning_rate
// to final_learning_rate that reaches its end after the last epoch (DARTS: rate of epoch e of E is
// final + (lr − final)(1 + cos(π e / E)) / 2).
double LearningRate(const SgdSpec& spec, int64_t epoch, int64_t step_in_epoch,
                    int64_t steps_per_epoch, int64_t epochs);

}  // namespace ssnas

#endif  // SSNAS_TRAINING_OPTIMIZER_H_
