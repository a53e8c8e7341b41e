// Skip connection: y = x; at stride 2 y = BN(concat(P₁ relu(x), P₂ relu(x shifted by one))).
// x: N×H×W×C, y: N×⌈H/s⌉×⌈W/s⌉×C. P: pointwise, stride 2, to half the channels. BN has scale and
// shift in derived networks only. Config: none. Cost: nothing at stride 1; C² parameters, as many
// multiply-adds an output pixel, at stride 2, where it needs two channels. Source: paper
// section 4.1; quark0/darts for stride 2 (FactorizedReduce). Example: example.textproto
#ifndef SSNAS_OPS_SKIP_CONNECT_SKIP_CONNECT_H_
#define SSNAS_OPS_SKIP_CONNECT_SKIP_CONNECT_H_

#include <memory>

#include "absl/status/statusor.h"
#include "ssnas/ops/operation.h"
#include "ssnas/ops/skip_connect/skip_connect.pb.h"

namespace ssnas {

class SkipConnect : public Operation {
 public:
  static absl::StatusOr<std::unique_ptr<Operation>> Create(const SkipConnectConfig& config);

  absl::StatusOr<Recipe> BuildRecipe(const OperationContext& context) const override;
};

}  // namespace ssnas

#endif  // SSNAS_OPS_SKIP_CONNECT_SKIP_CONNECT_H_
