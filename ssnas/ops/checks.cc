#include "ssnas/ops/checks.h"

#include "absl/strings/str_cat.h"

namespace ssnas {

absl::Status CheckKernel(absl::string_view family, int64_t kernel) {
  if (kernel >= 3 && kernel <= kMaxKernel && kernel % 2 == 1) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(family, ": kernel ", kernel, "; give an odd one from 3 to ", kMaxKernel));
}

absl::Status CheckContext(absl::string_view family, const OperationContext& context) {
  if (context.stride != 1 && context.stride != 2) {
    return absl::InvalidArgumentError(
        absl::StrCat(family, ": stride ", context.stride, "; cells have 1 or 2"));
  }
  if (context.channels < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat(family, ": ", context.channels, " channels; give 1 or more"));
  }
  return absl::OkStatus();
}

}  // namespace ssnas
