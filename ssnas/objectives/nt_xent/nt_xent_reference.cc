#include "ssnas/objectives/nt_xent/nt_xent_reference.h"

#include <cmath>

namespace ssnas {
namespace {

double Dot(const double* a, const double* b, int64_t size) {
  double sum = 0;
  for (int64_t c = 0; c < size; ++c) sum += a[c] * b[c];
  return sum;
}

}  // namespace

NtXentReference NtXentByDefinition(const std::vector<double>& z, int64_t rows, double temperature) {
  const int64_t size = static_cast<int64_t>(z.size()) / rows;
  NtXentReference result;
  result.gradient.assign(z.size(), 0.0);
  result.magnitudes.assign(rows, 0.0);
  int64_t nearest_pairs = 0;
  for (int64_t i = 0; i < rows; ++i) {
    result.lengths.push_back(std::sqrt(Dot(&z[i * size], &z[i * size], size)));
  }
  for (int64_t i = 0; i < rows; ++i) {
    const int64_t pair = i < rows / 2 ? i + rows / 2 : i - rows / 2;
    std::vector<double> cosine(rows);
    double total = 0;
    bool nearest = true;
    for (int64_t k = 0; k < rows; ++k) {
      cosine[k] = Dot(&z[i * size], &z[k * size], size) / (result.lengths[i] * result.lengths[k]);
      if (k != i) total += std::exp(cosine[k] / temperature);
    }
    for (int64_t k = 0; k < rows; ++k) {
      if (k == i) continue;
      if (k != pair && cosine[k] >= cosine[pair]) nearest = false;
      // ∂L/∂s_ik, then ∂cos/∂z_i = (z_k / |z_k| − cos · z_i / |z_i|) / |z_i|, and the same for z_k.
      const double p = std::exp(cosine[k] / temperature) / total;
      const double weight = (p - (k == pair ? 1 : 0)) / static_cast<double>(rows);
      result.magnitudes[i] += std::abs(weight);
      result.magnitudes[k] += std::abs(weight);
      for (int64_t c = 0; c < size; ++c) {
        const double ui = z[i * size + c] / result.lengths[i];
        const double uk = z[k * size + c] / result.lengths[k];
        result.gradient[i * size + c] +=
            weight * (uk - cosine[k] * ui) / (result.lengths[i] * temperature);
        result.gradient[k * size + c] +=
            weight * (ui - cosine[k] * uk) / (result.lengths[k] * temperature);
      }
    }
    result.value.loss += (std::log(total) - cosine[pair] / temperature) / static_cast<double>(rows);
    nearest_pairs += nearest;
  }
  result.value.accuracy = static_cast<double>(nearest_pairs) / static_cast<double>(rows);
  return result;
}

}  // namespace ssnas
