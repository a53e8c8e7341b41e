// How far tensors are from exact ones.
//
// The error of a tensor is ‖a − r‖₂ / ‖r‖₂, absolute where ‖r‖₂ is under 1e-6 of the largest norm
// among those compared: of such a tensor only rounding is left. Not a number counts as infinite.
//
// Example:
//   SSNAS_ASSIGN_OR_RETURN(const TensorError worst, WorstError(found, exact));
#ifndef SSNAS_ENGINE_TENSOR_ERRORS_H_
#define SSNAS_ENGINE_TENSOR_ERRORS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace ssnas {

using NamedTensors = std::map<std::string, std::vector<double>>;

struct TensorError {
  double error = 0;
  std::string tensor;  // the worst one
};

// Internal where a tensor of `exact` is missing from `found` or has another size.
absl::StatusOr<TensorError> WorstError(const NamedTensors& found, const NamedTensors& exact);

}  // namespace ssnas

#endif  // SSNAS_ENGINE_TENSOR_ERRORS_H_
