#include "ssnas/report/numbers.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "ssnas/core/readable.h"

namespace ssnas::report {
namespace {

constexpr char kSpace[] = "\u00A0";  // keeps a number and its unit on one line
constexpr char kNone[] = "–";

}  // namespace

std::string Fixed(double value, int decimals) {
  return std::isfinite(value) ? absl::StrFormat("%.*f", decimals, value) : kNone;
}

std::string Significant(double value, int digits) {
  if (!std::isfinite(value)) return kNone;
  if (value == 0) return "0";
  const int magnitude = static_cast<int>(std::floor(std::log10(std::fabs(value))));
  if (magnitude >= 15 || magnitude < -6) return absl::StrFormat("%.*e", digits - 1, value);
  if (magnitude >= 3) return Grouped(std::llround(value));
  return Fixed(value, std::max(0, digits - 1 - magnitude));
}

std::string Amount(double value) {
  if (!std::isfinite(value)) return kNone;
  if (std::fabs(value) < 1e6) return Grouped(std::llround(value));
  const bool giga = std::fabs(value) >= 1e9;
  return absl::StrCat(Significant(value / (giga ? 1e9 : 1e6), 3), kSpace, giga ? "G" : "M");
}

std::string Percent(double share, int decimals) {
  return std::isfinite(share) ? absl::StrCat(Fixed(100 * share, decimals), kSpace, "%") : kNone;
}

std::string Duration(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0 || seconds > 1e12) return kNone;
  if (seconds < 10) return absl::StrCat(Fixed(seconds, 1), kSpace, "s");
  const int64_t whole = std::llround(seconds);
  if (whole < 60) return absl::StrCat(whole, kSpace, "s");
  if (whole < 3600) {
    return absl::StrCat(whole / 60, kSpace, "min", kSpace, whole % 60, kSpace, "s");
  }
  return absl::StrFormat("%s%sh%s%02d%smin", Grouped(whole / 3600), kSpace, kSpace,
                         whole % 3600 / 60, kSpace);
}

std::string Bytes(double bytes) {
  if (!std::isfinite(bytes) || bytes < 0) return kNone;
  if (bytes < 1e6) return absl::StrCat(Fixed(bytes / 1e3, 0), kSpace, "kB");
  if (bytes < 1e9) return absl::StrCat(Fixed(bytes / 1e6, 0), kSpace, "MB");
  return absl::StrCat(Significant(bytes / 1e9, 3), kSpace, "GB");
}

std::string Counted(int64_t count, const std::string& singular, const std::string& plural) {
  return absl::StrCat(Grouped(count), kSpace, count == 1 ? singular : plural);
}

}  // namespace ssnas::report
