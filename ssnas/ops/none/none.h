// No connection: y = 0.
// x: N×H×W×C, y: N×⌈H/s⌉×⌈W/s⌉×C. Config: none. Cost: nothing.
// It takes part in the softmax of a mixture, so it takes weight from the others.
// Source: paper section 4.1, DARTS section 3.1. Example: example.textproto
#ifndef SSNAS_OPS_NONE_NONE_H_
#define SSNAS_OPS_NONE_NONE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "ssnas/ops/none/none.pb.h"
#include "ssnas/ops/operation.h"

namespace ssnas {

class NoneOperation : public Operation {
 public:
  static absl::StatusOr<std::unique_ptr<Operation>> Create(const NoneConfig& config);

  absl::StatusOr<Recipe> BuildRecipe(const OperationContext& context) const override;
};

}  // namespace ssnas

#endif  // SSNAS_OPS_NONE_NONE_H_
