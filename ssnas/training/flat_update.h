// The innermost loops of optimizer.h over a part of the flat buffers, with Highway.
//
// Every operation is rounded on its own, never a multiplication and an addition as one, and the
// norm's sums have an order of their own: each instruction set gives the same bits.
#ifndef SSNAS_TRAINING_FLAT_UPDATE_H_
#define SSNAS_TRAINING_FLAT_UPDATE_H_

#include <cstdint>

namespace ssnas {

// Σ g² in double: element i goes to sum i mod 16, in order; sum k and k + 8 are added, then k and
// k + 4, and so on. Squares are exact.
double SumOfSquares(const float* gradient, int64_t count);

struct SgdFactors {
  float rate = 0, momentum = 0, decay = 0, gradient_scale = 1;
};

// v ← μ v + (s g + λ w); w ← w − η v, in float.
void SgdUpdate(const SgdFactors& factors, int64_t count, const float* gradient, float* velocity,
               float* weights);

struct AdamFactors {
  double beta1 = 0, beta2 = 0, decay = 0, epsilon = 0;
  double rate = 0;  // η / (1 − β₁ᵗ)
  double root = 0;  // 1 / √(1 − β₂ᵗ)
};

// g' = g + λ x; m ← β₁ m + (1 − β₁) g'; v ← β₂ v + (1 − β₂) g'²; x ← x − rate m / (root √v + ε), in
// double, rounded where it is stored.
void AdamUpdate(const AdamFactors& factors, int64_t count, const float* gradient, float* m,
                float* v, float* values);

}  // namespace ssnas

#endif  // SSNAS_TRAINING_FLAT_UPDATE_H_
