#include "ssnas/training/bad_step.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "ssnas/core/exit_code.h"

namespace ssnas {
namespace {

constexpr char kBadStepUrl[] = "ssnas/bad_step";

}  // namespace

absl::Status BadStep(absl::string_view what) {
  absl::Status status = InArea(ErrorArea::kComputation, absl::InternalError(what));
  status.SetPayload(kBadStepUrl, absl::Cord());
  return status;
}

bool IsBadStep(const absl::Status& status) { return status.GetPayload(kBadStepUrl).has_value(); }

absl::Status CheckLoss(const LossValue& value) {
  if (std::isfinite(value.loss)) return absl::OkStatus();
  return BadStep("the loss is not finite");
}

absl::Status CheckSpread(const LossValue& value) {
  if (!value.spread.has_value() || *value.spread >= kSmallestSpread) return absl::OkStatus();
  return BadStep(absl::StrFormat(
      "the representation has collapsed: all images of the batch look alike (spread %.2g of 1), as "
      "they also do where a value inside the network is not finite",
      *value.spread));
}

absl::Status CheckGradientNorm(double norm, absl::string_view of) {
  if (norm < kLargestGradientNorm) return absl::OkStatus();
  return BadStep(absl::StrCat("the gradient of the ", of,
                              std::isfinite(norm) ? " is too large" : " is not finite"));
}

absl::Status CheckFinite(absl::Span<const float> values, absl::string_view name) {
  if (std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); })) {
    return absl::OkStatus();
  }
  return BadStep(absl::StrCat(name, " hold a value that is not finite"));
}

}  // namespace ssnas
