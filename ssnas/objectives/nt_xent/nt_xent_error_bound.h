// How far NtXentLoss may be off its definition, from the roundings that it makes. For tests and
// benchmarks.
#ifndef SSNAS_OBJECTIVES_NT_XENT_NT_XENT_ERROR_BOUND_H_
#define SSNAS_OBJECTIVES_NT_XENT_NT_XENT_ERROR_BOUND_H_

#include <cmath>
#include <cstdint>
#include <vector>

#include "ssnas/core/testing/compare.h"
#include "ssnas/objectives/nt_xent/nt_xent_reference.h"

namespace ssnas {

// Of one exponent s_ik − max: a cosine of lengths 1 is a sum of `size` products, and so is, halved
// by the root, each of its two lengths; a root and two roundings for each u (6); then a
// subtraction, a rounded 1/τ and a product, of numbers up to 2/τ (3 half-ε of 2: 3 ε).
inline double NtXentExponentBound(int64_t size, double temperature, double epsilon) {
  return (ErrorBound(2 * size + 6, 1, epsilon) + 3 * epsilon) / temperature;
}

// Of Z, relative to it, beside its exponents: exp is good to 2 ε, a tile's sum has 64 terms.
inline double NtXentTotalBound(double epsilon) { return 2 * epsilon + ErrorBound(64, 1, epsilon); }

// Of the loss: log Σ exp and the pair's own exponent move no more than the worst exponent does; the
// double sums over tiles and rows add next to nothing.
inline double NtXentLossBound(int64_t size, double temperature, double epsilon) {
  return 2 * NtXentExponentBound(size, temperature, epsilon) + NtXentTotalBound(epsilon) +
         ErrorBound(100, 10, kDoubleEpsilon);
}

// Of ∂L/∂z, an element. p moves by twice the exponents' bound, by Z and 4 roundings; g_u is a sum
// of 2·rows products; its part along u, a sum of `size` more, can hold √size of its errors.
inline std::vector<double> NtXentGradientBounds(const NtXentReference& reference, int64_t size,
                                                double temperature, double epsilon) {
  const double root = std::sqrt(static_cast<double>(size));
  const int64_t rows = static_cast<int64_t>(reference.lengths.size());
  std::vector<double> bounds;
  for (int64_t i = 0; i < rows; ++i) {
    const double magnitude = reference.magnitudes[i];
    // Σ_k (p_ik + p_ki) / 2N is that of the weights but for the pair's two ones.
    const double shares = magnitude + 2.0 / static_cast<double>(rows);
    const double moved = shares * (std::expm1(2 * NtXentExponentBound(size, temperature, epsilon)) +
                                   NtXentTotalBound(epsilon) + 4 * epsilon);
    const double error = moved + ErrorBound(2 * rows + size + 4, magnitude, epsilon);
    bounds.insert(bounds.end(), size, (1 + root) * error / (reference.lengths[i] * temperature));
  }
  return bounds;
}

}  // namespace ssnas

#endif  // SSNAS_OBJECTIVES_NT_XENT_NT_XENT_ERROR_BOUND_H_
