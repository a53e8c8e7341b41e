#include "ssnas/report/statistics.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace ssnas::report {

Interval Wilson(double share, double n) {
  if (!(n > 0) || !(share >= 0 && share <= 1)) return {};
  constexpr double z = 1.959963984540054;  // 97.5 % quantile of the normal distribution
  const double centre = share + z * z / (2 * n);
  const double half = z * std::sqrt(share * (1 - share) / n + z * z / (4 * n * n));
  const double scale = 1 + z * z / n;
  return {std::max(0.0, (centre - half) / scale), std::min(1.0, (centre + half) / scale)};
}

Interval Newcombe(double a, double images_a, double b, double images_b) {
  if (!(images_a > 0) || !(images_b > 0)) return {-1, 1};
  const Interval of_a = Wilson(a, images_a);
  const Interval of_b = Wilson(b, images_b);
  const double difference = a - b;
  return {difference - std::hypot(a - of_a.low, of_b.high - b),
          difference + std::hypot(of_a.high - a, b - of_b.low)};
}

double Mean(const std::vector<double>& values) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

std::vector<double> MovingMean(const std::vector<double>& values, int window) {
  // Prefix sums of the finite values and of their count.
  std::vector<double> sums(values.size() + 1, 0.0);
  std::vector<double> counts(values.size() + 1, 0.0);
  for (size_t i = 0; i < values.size(); ++i) {
    const bool finite = std::isfinite(values[i]);
    sums[i + 1] = sums[i] + (finite ? values[i] : 0.0);
    counts[i + 1] = counts[i] + (finite ? 1.0 : 0.0);
  }
  std::vector<double> means;
  means.reserve(values.size());
  const size_t half = static_cast<size_t>(std::max(0, window / 2));
  for (size_t i = 0; i < values.size(); ++i) {
    const size_t from = i > half ? i - half : 0;
    const size_t to = std::min(values.size(), i + half + 1);
    const double count = counts[to] - counts[from];
    means.push_back(count > 0 ? (sums[to] - sums[from]) / count
                              : std::numeric_limits<double>::quiet_NaN());
  }
  return means;
}

}  // namespace ssnas::report
