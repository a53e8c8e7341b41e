// The one comparison of numbers in tests, with bounds that are computed rather than guessed.
//
// A comparison can fail: lengths that differ, nothing to compare, a NaN on either side, infinities
// of which the other side has not the same, a bound that is no number. What fails is named: the
// worst element, both values, the bound.
//
// Example (a dot product of n terms in float32 against double):
//   EXPECT_EQ(Compare<float>({y}, {reference}, ErrorBound(n, sum_of_magnitudes, kFloatEpsilon)),
//   absl::OkStatus());
#ifndef SSNAS_CORE_TESTING_COMPARE_H_
#define SSNAS_CORE_TESTING_COMPARE_H_

#include <cstdint>
#include <limits>

#include "absl/status/status.h"
#include "absl/types/span.h"

namespace ssnas {

inline constexpr double kFloatEpsilon = std::numeric_limits<float>::epsilon();
inline constexpr double kDoubleEpsilon = std::numeric_limits<double>::epsilon();

// Largest error of a sum of `terms` products in any order, rounded at every step, whose magnitudes
// add up to `sum_of_magnitudes`: γ·Σ|x·y| with γ = (n + 1)u / (1 − (n + 1)u), u = epsilon / 2
// (Higham, Accuracy and Stability, section 3.1; one step more for the conversion of the result).
// Infinite where (n + 1)u ≥ 1.
double ErrorBound(int64_t terms, double sum_of_magnitudes, double epsilon);

// OK if |actual − expected| ≤ bound for every element, one bound for all or one an element.
template <typename T>
absl::Status Compare(absl::Span<const T> actual, absl::Span<const double> expected, double bound);
template <typename T>
absl::Status Compare(absl::Span<const T> actual, absl::Span<const double> expected,
                     absl::Span<const double> bounds);

// OK if every element has the same bits: NaNs of one kind are equal, 0 and −0 are not.
template <typename T>
absl::Status CompareBits(absl::Span<const T> actual, absl::Span<const T> expected);

}  // namespace ssnas

#endif  // SSNAS_CORE_TESTING_COMPARE_H_
