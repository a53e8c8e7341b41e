#include "ssnas/core/testing/compare.h"

#include <cmath>
#include <cstring>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace ssnas {
namespace {

// Infinite where the two cannot be compared by distance and are not the same.
double Distance(double actual, double expected) {
  if (actual == expected) return 0;  // Also infinities of one sign.
  const double distance = std::abs(actual - expected);
  return std::isnan(distance) ? std::numeric_limits<double>::infinity() : distance;
}

// How far outside its bound an element is; > 1 fails. A bound of 0 asks for equality.
double Excess(double distance, double bound) {
  if (std::isnan(bound) || bound < 0) return std::numeric_limits<double>::infinity();
  if (distance == 0) return 0;
  if (std::isinf(distance)) return distance;
  return distance / bound;
}

absl::Status CheckLengths(size_t actual, size_t expected) {
  if (actual != expected) {
    return absl::InternalError(
        absl::StrCat(actual, " elements to compare with ", expected, " expected"));
  }
  if (actual == 0) return absl::InternalError("nothing to compare");
  return absl::OkStatus();
}

}  // namespace

double ErrorBound(int64_t terms, double sum_of_magnitudes, double epsilon) {
  const double nu = static_cast<double>(terms + 1) * epsilon / 2;
  if (nu >= 1) return std::numeric_limits<double>::infinity();
  return nu / (1 - nu) * sum_of_magnitudes;
}

template <typename T>
absl::Status Compare(absl::Span<const T> actual, absl::Span<const double> expected,
                     absl::Span<const double> bounds) {
  absl::Status lengths = CheckLengths(actual.size(), expected.size());
  if (!lengths.ok()) return lengths;
  if (bounds.size() != expected.size()) {
    return absl::InternalError(
        absl::StrCat(bounds.size(), " bounds for ", expected.size(), " elements"));
  }
  size_t worst = 0, wrong = 0;
  double worst_excess = -1;
  for (size_t i = 0; i < expected.size(); ++i) {
    const double excess = Excess(Distance(actual[i], expected[i]), bounds[i]);
    if (excess > 1) ++wrong;
    if (excess > worst_excess) {
      worst_excess = excess;
      worst = i;
    }
  }
  if (wrong == 0) return absl::OkStatus();
  return absl::InternalError(absl::StrFormat(
      "%d of %d elements differ; the worst is element %d: %.17g, expected %.17g, bound %.3g", wrong,
      expected.size(), worst, static_cast<double>(actual[worst]), expected[worst], bounds[worst]));
}

template <typename T>
absl::Status Compare(absl::Span<const T> actual, absl::Span<const double> expected, double bound) {
  return Compare<T>(actual, expected, std::vector<double>(expected.size(), bound));
}

template <typename T>
absl::Status CompareBits(absl::Span<const T> actual, absl::Span<const T> expected) {
  absl::Status lengths = CheckLengths(actual.size(), expected.size());
  if (!lengths.ok()) return lengths;
  for (size_t i = 0; i < expected.size(); ++i) {
    if (std::memcmp(&actual[i], &expected[i], sizeof(T)) != 0) {
      return absl::InternalError(absl::StrFormat("element %d is %.17g, not bit-equal to %.17g", i,
                                                 static_cast<double>(actual[i]),
                                                 static_cast<double>(expected[i])));
    }
  }
  return absl::OkStatus();
}

template absl::Status Compare(absl::Span<const float>, absl::Span<const double>, double);
template absl::Status Compare(absl::Span<const double>, absl::Span<const double>, double);
template absl::Status Compare(absl::Span<const float>, absl::Span<const double>,
                              absl::Span<const double>);
template absl::Status Compare(absl::Span<const double>, absl::Span<const double>,
                              absl::Span<const double>);
template absl::Status CompareBits(absl::Span<const float>, absl::Span<const float>);
template absl::Status CompareBits(absl::Span<const double>, absl::Span<const double>);

}  // namespace ssnas
