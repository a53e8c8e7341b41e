#include "ssnas/objectives/nt_xent/nt_xent_reference.h"

#include <algorithm>
#include <cmath>

namespace ssnas {
namespace {

constexpr double kShortest = 1e-8;

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
    const double length = std::sqrt(Dot(&z[i * size], &z[i * size], size));
    result.lengths.push_back(std::max(length, kShortest));
  }
  for (int64_t i = 0; i < rows; ++i) {
    const int64_t pair = i < rows / 2 ? i + rows / 2 : i - rows / 2;
    std::vector<double> cosine(rows);
    double total = 0, largest = -1;
    bool nearest = true;
    for (int64_t k = 0; k < rows; ++k) {
      cosine[k] = Dot(&z[i * size], &z[k * size], size) / (result.lengths[i] * result.lengths[k]);
      if (k != i) largest = std::max(largest, cosine[k]);
    }
    const auto power = [&](int64_t k) { return std::exp((cosine[k] - largest) / temperature); };
    for (int64_t k = 0; k < rows; ++k) total += k == i ? 0 : power(k);
    for (int64_t k = 0; k < rows; ++k) {
      if (k == i) continue;
      if (k != pair && cosine[k] >= cosine[pair]) nearest = false;
      // ∂L/∂s_ik, then ∂cos/∂z_i = (z_k / |z_k| − cos · z_i / |z_i|) / |z_i|, and the same for z_k.
      // A length that is the constant does not move with z.
      const double along_i = result.lengths[i] > kShortest ? cosine[k] : 0;
      const double along_k = result.lengths[k] > kShortest ? cosine[k] : 0;
      const double p = power(k) / total;
      const double weight = (p - (k == pair ? 1 : 0)) / static_cast<double>(rows);
      result.magnitudes[i] += std::abs(weight);
      result.magnitudes[k] += std::abs(weight);
      for (int64_t c = 0; c < size; ++c) {
        const double ui = z[i * size + c] / result.lengths[i];
        const double uk = z[k * size + c] / result.lengths[k];
        result.gradient[i * size + c] +=
            weight * (uk - along_i * ui) / (result.lengths[i] * temperature);
        result.gradient[k * size + c] +=
            weight * (ui - along_k * uk) / (result.lengths[k] * temperature);
      }
    }
    result.value.loss +=
        (std::log(total) - (cosine[pair] - largest) / temperature) / static_cast<double>(rows);
    nearest_pairs += nearest;
  }
  result.value.accuracy = static_cast<double>(nearest_pairs) / static_cast<double>(rows);
  return result;
}

}  // namespace ssnas
