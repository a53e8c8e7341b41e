#include "ssnas/engine/tensor_errors.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "absl/status/status.h"

namespace ssnas {
namespace {

constexpr double kTinyShare = 1e-6;

double Norm(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value * value;
  return std::sqrt(sum);
}

}  // namespace

absl::StatusOr<TensorError> WorstError(const NamedTensors& found, const NamedTensors& exact) {
  double largest = 0;
  for (const auto& [name, values] : exact) largest = std::max(largest, Norm(values));
  TensorError worst;
  for (const auto& [name, values] : exact) {
    const auto other = found.find(name);
    if (other == found.end() || other->second.size() != values.size()) {
      return absl::InternalError("no tensor '" + name + "' of this size to compare");
    }
    std::vector<double> difference = other->second;
    for (size_t i = 0; i < values.size(); ++i) difference[i] -= values[i];
    const double norm = Norm(values);
    const double error = Norm(difference) / (norm < kTinyShare * largest ? 1.0 : norm);
    // A NaN is the worst of all.
    const double finite = std::isnan(error) ? HUGE_VAL : error;
    if (finite > worst.error) worst = {finite, name};
  }
  return worst;
}

}  // namespace ssnas
