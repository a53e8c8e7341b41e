#include "ssnas/core/testing/gradient_check.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "ssnas/core/testing/compare.h"

namespace ssnas {
namespace {

// Of the largest gradient. Smooth functions of order 1 have about h² = 1e-8.
constexpr double kKink = 1e-4;

struct Difference {
  double near = 0;       // D(h)
  double far = 0;        // D(2h)
  double magnitude = 0;  // largest |f| seen
};

Difference Differentiate(const ScalarFunction& function, std::vector<double>* point, int64_t i,
                         double step) {
  const double at = (*point)[i];
  Difference difference;
  const auto slope = [&](double h) {
    (*point)[i] = at + h;
    const double above = function(*point);
    (*point)[i] = at - h;
    const double below = function(*point);
    difference.magnitude = std::max({difference.magnitude, std::abs(above), std::abs(below)});
    return (above - below) / (2 * h);
  };
  difference.near = slope(step);
  difference.far = slope(2 * step);
  (*point)[i] = at;
  return difference;
}

}  // namespace

absl::Status CheckGradient(const ScalarFunction& function, const std::vector<double>& point,
                           absl::Span<const double> gradient, absl::Span<const int64_t> coordinates,
                           const GradientCheckOptions& options) {
  if (gradient.size() != point.size()) {
    return absl::InternalError(
        absl::StrCat("a gradient of ", gradient.size(), " elements at a point of ", point.size()));
  }
  double largest = 0;
  for (const double value : gradient) largest = std::max(largest, std::abs(value));
  std::vector<double> moved = point, analytic, numeric, bounds;
  for (const int64_t i : coordinates) {
    const Difference d = Differentiate(function, &moved, i, options.step);
    const double truncation = std::abs(d.near - d.far);
    const double rounding = options.roundings * d.magnitude * kDoubleEpsilon / options.step;
    // A gradient that is plainly wrong is not taken for a kink: there both slopes agree.
    if (truncation > kKink * largest + rounding) continue;
    analytic.push_back(gradient[i]);
    numeric.push_back((4 * d.near - d.far) / 3);
    bounds.push_back(truncation + rounding);
  }
  if (10 * (coordinates.size() - analytic.size()) > coordinates.size()) {
    return absl::InternalError(absl::StrCat("only ", analytic.size(), " of ", coordinates.size(),
                                            " coordinates are smooth"));
  }
  return Compare<double>(analytic, numeric, bounds);
}

std::vector<int64_t> SomeCoordinates(int64_t size, int64_t count) {
  std::vector<int64_t> coordinates;
  const int64_t taken = std::min(size, count);
  for (int64_t i = 0; i < taken; ++i) {
    coordinates.push_back(taken > 1 ? i * (size - 1) / (taken - 1) : 0);
  }
  return coordinates;
}

}  // namespace ssnas
