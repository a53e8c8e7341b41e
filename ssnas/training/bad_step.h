// What makes a step bad: a loss, gradient or alpha that is not finite, or a collapsed
// representation.
//
//   loss, alphas    not finite
//   gradient        its norm is not below 1e18: float32 could not hold what a step makes of it
//   collapse        LossValue::spread below 1e-5: of projections of length 1, the mean squared
//                   distance from their mean. All within 0.2° of one direction; about 1 when
//                   images are told apart.
//
// A trainee finds it in the step itself, leaves its state as it was before, and returns the status;
// what then happens is the loop's to say (runtime.on_bad_step). docs/reliability.md.
// Example:
//   SSNAS_RETURN_IF_ERROR(CheckGradientNorm(norm, "weights"));
#ifndef SSNAS_TRAINING_BAD_STEP_H_
#define SSNAS_TRAINING_BAD_STEP_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "ssnas/objectives/objective.h"

namespace ssnas {

inline constexpr double kLargestGradientNorm = 1e18;
inline constexpr double kSmallestSpread = 1e-5;

// Internal, area kComputation: "the loss is not finite".
absl::Status BadStep(absl::string_view what);
bool IsBadStep(const absl::Status& status);

absl::Status CheckLoss(const LossValue& value);
// Of a step that learns from it.
absl::Status CheckSpread(const LossValue& value);
// `of`: "weights".
absl::Status CheckGradientNorm(double norm, absl::string_view of);
absl::Status CheckFinite(absl::Span<const float> values, absl::string_view name);

}  // namespace ssnas

#endif  // SSNAS_TRAINING_BAD_STEP_H_
