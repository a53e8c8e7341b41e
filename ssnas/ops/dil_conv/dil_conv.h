// Dilated separable convolution: y = BN(P D relu(x)).
// x: N×H×W×C, y: N×⌈H/s⌉×⌈W/s⌉×C. D: one k×k filter a channel, dilation 2, stride s: it spans 2k
// − 1. P: C×C pointwise. BN has scale and shift in derived networks only. Config: kernel k, odd.
// Cost: C(k² + C) parameters, as many multiply-adds an output pixel.
// Source: paper section 4.1, DARTS section 3.1. Example: example.textproto
#ifndef SSNAS_OPS_DIL_CONV_DIL_CONV_H_
#define SSNAS_OPS_DIL_CONV_DIL_CONV_H_

#include <memory>

#include "absl/status/statusor.h"
#include "ssnas/ops/dil_conv/dil_conv.pb.h"
#include "ssnas/ops/operation.h"

namespace ssnas {

class DilConv : public Operation {
 public:
  static absl::StatusOr<std::unique_ptr<Operation>> Create(const DilConvConfig& config);

  absl::StatusOr<Recipe> BuildRecipe(const OperationContext& context) const override;

 private:
  explicit DilConv(int kernel) : kernel_(kernel) {}
  const int kernel_;
};

}  // namespace ssnas

#endif  // SSNAS_OPS_DIL_CONV_DIL_CONV_H_
