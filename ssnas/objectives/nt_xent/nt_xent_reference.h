// NT-Xent by its definition: every cosine, every exponential and every derivative on its own, in
// double.
//
// For tests and benchmarks of nt_xent_loss.h, whose banner has the formula.
#ifndef SSNAS_OBJECTIVES_NT_XENT_NT_XENT_REFERENCE_H_
#define SSNAS_OBJECTIVES_NT_XENT_NT_XENT_REFERENCE_H_

#include <cstdint>
#include <vector>

#include "ssnas/objectives/objective.h"

namespace ssnas {

struct NtXentReference {
  LossValue value;
  std::vector<double> gradient;  // ∂L/∂z, as z
  // Σ_k |∂L/∂s_ik| + |∂L/∂s_ki| of each row: what the gradient's rounding errors are bounded by.
  std::vector<double> magnitudes;
  std::vector<double> lengths;  // |z_i|, at least 1e-8
};

// z: rows × size, view-major.
NtXentReference NtXentByDefinition(const std::vector<double>& z, int64_t rows, double temperature);

}  // namespace ssnas

#endif  // SSNAS_OBJECTIVES_NT_XENT_NT_XENT_REFERENCE_H_
