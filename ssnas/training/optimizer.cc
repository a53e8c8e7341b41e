#include "ssnas/training/optimizer.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ssnas {
namespace {

constexpr size_t kBlock = 4096;        // elements summed before a sum is added to the total
constexpr double kClipEpsilon = 1e-6;  // PyTorch's clip_grad_norm_

}  // namespace

double GradientNorm(absl::Span<const float> gradient) {
  double total = 0;
  for (size_t begin = 0; begin < gradient.size(); begin += kBlock) {
    double block = 0;
    for (const float g : gradient.subspan(begin, kBlock)) block += double{g} * g;
    total += block;
  }
  return std::sqrt(total);
}

double ClipGradient(double clip_norm, absl::Span<float> gradient) {
  const double norm = GradientNorm(gradient);
  const double scale = clip_norm / (norm + kClipEpsilon);
  if (clip_norm > 0 && scale < 1) {
    for (float& g : gradient) g = static_cast<float>(g * scale);
  }
  return norm;
}

void SgdStep(double learning_rate, double momentum, double weight_decay,
             absl::Span<const float> gradient, absl::Span<float> velocity,
             absl::Span<float> weights) {
  const float rate = static_cast<float>(learning_rate), mu = static_cast<float>(momentum);
  const float decay = static_cast<float>(weight_decay);
  for (size_t i = 0; i < weights.size(); ++i) {
    velocity[i] = mu * velocity[i] + (gradient[i] + decay * weights[i]);
    weights[i] -= rate * velocity[i];
  }
}

void AdamStep(const AdamSpec& spec, int64_t step, absl::Span<const float> gradient,
              absl::Span<float> m, absl::Span<float> v, absl::Span<float> values) {
  const double beta1 = spec.beta1(), beta2 = spec.beta2();
  const double correction1 = 1 - std::pow(beta1, static_cast<double>(step));
  const double correction2 = 1 - std::pow(beta2, static_cast<double>(step));
  for (size_t i = 0; i < values.size(); ++i) {
    const double g = gradient[i] + spec.weight_decay() * values[i];
    m[i] = static_cast<float>(beta1 * m[i] + (1 - beta1) * g);
    v[i] = static_cast<float>(beta2 * v[i] + (1 - beta2) * g * g);
    const double denominator = std::sqrt(v[i] / correction2) + spec.epsilon();
    values[i] =
        static_cast<float>(values[i] - spec.learning_rate() * (m[i] / correction1) / denominator);
  }
}

double LearningRate(const SgdSpec& spec, int64_t epoch, int64_t step_in_epoch,
                    int64_t steps_per_epoch, int64_t epochs) {
  // Time in epochs; the schedule by epoch stands still within one, the warm-up never does.
  const double exact =
      static_cast<double>(epoch) + static_cast<double>(step_in_epoch) /
                                       static_cast<double>(std::max<int64_t>(1, steps_per_epoch));
  const double warmup = spec.warmup_epochs();
  if (exact < warmup) {
    // The first step already moves: (k + 1) of all steps of the warm-up.
    return spec.learning_rate() *
           std::min(
               1.0,
               (exact + 1.0 / static_cast<double>(std::max<int64_t>(1, steps_per_epoch))) / warmup);
  }
  const double time = spec.schedule() == SgdSpec::EPOCH ? static_cast<double>(epoch) : exact;
  const double length = std::max(1.0, static_cast<double>(epochs) - warmup);
  const double share = std::clamp((time - warmup) / length, 0.0, 1.0);
  return spec.final_learning_rate() + (spec.learning_rate() - spec.final_learning_rate()) *
                                          (1 + std::cos(std::numbers::pi * share)) / 2;
}

}  // namespace ssnas
