// What every family of operations checks of its config and of where it stands.
#ifndef SSNAS_OPS_CHECKS_H_
#define SSNAS_OPS_CHECKS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "ssnas/ops/operation.h"

namespace ssnas {

// InvalidArgument unless `kernel` is odd and in 3 … kMaxKernel: padding keeps the size of odd
// kernels only.
inline constexpr int64_t kMaxKernel = 15;
absl::Status CheckKernel(absl::string_view family, int64_t kernel);

// InvalidArgument unless the stride is 1 or 2 and there are channels.
absl::Status CheckContext(absl::string_view family, const OperationContext& context);

}  // namespace ssnas

#endif  // SSNAS_OPS_CHECKS_H_
