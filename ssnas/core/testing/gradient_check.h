// Compares a gradient with central differences, in float64.
//
// For each coordinate, D(h) = (f(x + h) − f(x − h)) / 2h is taken at h and at 2h. (4·D(h) − D(2h))
// / 3 is compared with the gradient; the bound is what the two differ by (the truncation, which it
// cancels to fourth order) plus the rounding of f over h. Where the two differ by more than kKink
// of the largest gradient, the function has a kink there (relu, a maximum that changes hands): the
// coordinate says nothing and is left out. More than a tenth left out is an error.
//
// Example:
//   CheckGradient(loss, point, gradient, SomeCoordinates(point.size(), 20));
#ifndef SSNAS_CORE_TESTING_GRADIENT_CHECK_H_
#define SSNAS_CORE_TESTING_GRADIENT_CHECK_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"

namespace ssnas {

using ScalarFunction = std::function<double(const std::vector<double>&)>;

struct GradientCheckOptions {
  double step = 1e-4;
  // Roundings in f, as a multiple of |f|·ε.
  double roundings = 1000;
};

// Internal names the worst coordinate with both values and the bound.
absl::Status CheckGradient(const ScalarFunction& function, const std::vector<double>& point,
                           absl::Span<const double> gradient, absl::Span<const int64_t> coordinates,
                           const GradientCheckOptions& options = {});

// At most `count` coordinates spread over 0 … size − 1, first and last among them.
std::vector<int64_t> SomeCoordinates(int64_t size, int64_t count);

}  // namespace ssnas

#endif  // SSNAS_CORE_TESTING_GRADIENT_CHECK_H_
