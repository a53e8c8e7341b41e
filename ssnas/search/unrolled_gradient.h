// Second-order DARTS: the gradient of the alphas through one unrolled step of the weights.
//
//   w' = w − ξ (μ·velocity + ∇w L_weight(w, α) + λ·w)
//   g  = ∇α L_alpha(w', α) − ξ · ∇²αw L_weight(w, α) · v,   v = ∇w' L_alpha(w', α)
//
// The product with the mixed second derivatives is a central difference of alpha gradients,
//
//   ∇²αw L · v ≈ (∇α L(w + ε v) − ∇α L(w − ε v)) / 2ε,      ε = 0.01 / ‖v‖,
//
// so that a step costs three more passes than the first order's. Where ReLUs and maxima change
// their minds between the two, it is not the derivative: in the test's tiny supernet the gradient
// is 15 % from the exact one with DARTS' reach, and nearer with a shorter one. Source: DARTS,
// section 2.3, equations 6 to 8; paper section 4.1 (the searches named second order).
//
// Example:
//   SSNAS_RETURN_IF_ERROR(UnrolledAlphaGradient<float>(
//       {.learning_rate = rate, .momentum = 0.9, .weight_decay = 3e-4}, weight_half, alpha_half,
//       velocity, weights, gradient));
#ifndef SSNAS_SEARCH_UNROLLED_GRADIENT_H_
#define SSNAS_SEARCH_UNROLLED_GRADIENT_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/types/span.h"
#include "ssnas/core/status_macros.h"

namespace ssnas {

struct UnrolledStep {
  double learning_rate = 0;  // ξ, of the weights at this step
  double momentum = 0;       // μ
  double weight_decay = 0;   // λ
  double reach = 0.01;       // ε·‖v‖, how far the central difference goes from w
};

// Writes the gradients of a half's loss at the weights as they are now; a null pointer is not
// wanted.
template <typename T>
using HalfGradients = std::function<absl::Status(T* weight_gradient, T* alpha_gradient)>;

// Writes the gradient of the alphas. `weights` are moved between passes and are what they were, bit
// for bit, when this returns, with an error too. `velocity` is as long as the weights.
template <typename T>
absl::Status UnrolledAlphaGradient(const UnrolledStep& step, const HalfGradients<T>& weight_half,
                                   const HalfGradients<T>& alpha_half, absl::Span<const T> velocity,
                                   absl::Span<T> weights, absl::Span<T> gradient) {
  const std::vector<T> before(weights.begin(), weights.end());
  const absl::Cleanup restore = [&] { std::copy(before.begin(), before.end(), weights.begin()); };
  const int64_t count = static_cast<int64_t>(before.size());
  std::vector<T> direction(count);

  SSNAS_RETURN_IF_ERROR(weight_half(direction.data(), nullptr));
  for (int64_t i = 0; i < count; ++i) {
    weights[i] = static_cast<T>(before[i] -
                                step.learning_rate * (step.momentum * velocity[i] + direction[i] +
                                                      step.weight_decay * before[i]));
  }
  SSNAS_RETURN_IF_ERROR(alpha_half(direction.data(), gradient.data()));

  double squares = 0;
  for (const T value : direction) squares += static_cast<double>(value) * value;
  if (squares == 0) return absl::OkStatus();  // the product is 0
  const double epsilon = step.reach / std::sqrt(squares);
  const auto moved = [&](double by, std::vector<T>* alphas) {
    for (int64_t i = 0; i < count; ++i) {
      weights[i] = static_cast<T>(before[i] + by * direction[i]);
    }
    return weight_half(nullptr, alphas->data());
  };
  std::vector<T> ahead(gradient.size()), behind(gradient.size());
  SSNAS_RETURN_IF_ERROR(moved(epsilon, &ahead));
  SSNAS_RETURN_IF_ERROR(moved(-epsilon, &behind));
  for (size_t i = 0; i < gradient.size(); ++i) {
    const double product = (static_cast<double>(ahead[i]) - behind[i]) / (2 * epsilon);
    gradient[i] = static_cast<T>(gradient[i] - step.learning_rate * product);
  }
  return absl::OkStatus();
}

}  // namespace ssnas

#endif  // SSNAS_SEARCH_UNROLLED_GRADIENT_H_
