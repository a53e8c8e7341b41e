#include "ssnas/training/optimizer.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <numeric>
#include <vector>

#include "ssnas/training/flat_update.h"

namespace ssnas {
namespace {

constexpr int64_t kBlock = 4096;       // elements: 16 KiB of each buffer
constexpr double kClipEpsilon = 1e-6;  // PyTorch's clip_grad_norm_

// Calls update(begin, count) for parts of [0, size) that end where blocks do.
void ForParts(size_t size, const ParallelFor& parallel_for,
              const std::function<void(int64_t, int64_t)>& update) {
  const int64_t all = static_cast<int64_t>(size);
  parallel_for((all + kBlock - 1) / kBlock, [&](int64_t first, int64_t last) {
    update(first * kBlock, std::min(last * kBlock, all) - first * kBlock);
  });
}

}  // namespace

double GradientNorm(absl::Span<const float> gradient, const ParallelFor& parallel_for) {
  std::vector<double> sums((gradient.size() + kBlock - 1) / kBlock);
  parallel_for(static_cast<int64_t>(sums.size()), [&](int64_t first, int64_t last) {
    for (int64_t block = first; block < last; ++block) {
      const absl::Span<const float> part = gradient.subspan(block * kBlock, kBlock);
      sums[block] = SumOfSquares(part.data(), static_cast<int64_t>(part.size()));
    }
  });
  return std::sqrt(std::accumulate(sums.begin(), sums.end(), 0.0));
}

double ClipScale(double clip_norm, double norm) {
  const double scale = clip_norm / (norm + kClipEpsilon);
  return clip_norm > 0 && scale < 1 ? scale : 1;
}

void SgdStep(const SgdRule& rule, absl::Span<const float> gradient, absl::Span<float> velocity,
             absl::Span<float> weights, const ParallelFor& parallel_for) {
  const SgdFactors factors{.rate = static_cast<float>(rule.learning_rate),
                           .momentum = static_cast<float>(rule.momentum),
                           .decay = static_cast<float>(rule.weight_decay),
                           .gradient_scale = static_cast<float>(rule.gradient_scale)};
  ForParts(weights.size(), parallel_for, [&](int64_t begin, int64_t count) {
    SgdUpdate(factors, count, gradient.data() + begin, velocity.data() + begin,
              weights.data() + begin);
  });
}

void AdamStep(const AdamSpec& spec, int64_t step, absl::Span<const float> gradient,
              absl::Span<float> m, absl::Span<float> v, absl::Span<float> values,
              const ParallelFor& parallel_for) {
  const double time = static_cast<double>(step);
  const AdamFactors factors{
      .beta1 = spec.beta1(),
      .beta2 = spec.beta2(),
      .decay = spec.weight_decay(),
      .epsilon = spec.epsilon(),
      .rate = spec.learning_rate() / (1 - std::pow(spec.beta1(), time)),
      .root = 1 / std::sqrt(1 - std::pow(spec.beta2(), time)),
  };
  ForParts(values.size(), parallel_for, [&](int64_t begin, int64_t count) {
    AdamUpdate(factors, count, gradient.data() + begin, m.data() + begin, v.data() + begin,
               values.data() + begin);
  });
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
