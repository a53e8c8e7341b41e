// Max pooling over k×k: y = max over the window; in a search, y = BN(max …).
// x: N×H×W×C, y: N×⌈H/s⌉×⌈W/s⌉×C. Padding k/2, which never wins. BN has no scale and shift.
// Config: kernel k, odd. Cost: no parameters, no multiply-adds.
// Source: paper section 4.1, DARTS section 3.1; the norm: DARTS section 3.1.1. Example:
// example.textproto
#ifndef SSNAS_OPS_MAX_POOL_MAX_POOL_H_
#define SSNAS_OPS_MAX_POOL_MAX_POOL_H_

#include <memory>

#include "absl/status/statusor.h"
#include "ssnas/ops/max_pool/max_pool.pb.h"
#include "ssnas/ops/operation.h"

namespace ssnas {

class MaxPool : public Operation {
 public:
  static absl::StatusOr<std::unique_ptr<Operation>> Create(const MaxPoolConfig& config);

  absl::StatusOr<Recipe> BuildRecipe(const OperationContext& context) const override;

 private:
  explicit MaxPool(int kernel) : kernel_(kernel) {}
  const int kernel_;
};

}  // namespace ssnas

#endif  // SSNAS_OPS_MAX_POOL_MAX_POOL_H_
