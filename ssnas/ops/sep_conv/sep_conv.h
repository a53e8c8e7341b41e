// Separable convolution, applied twice: y = BN(P₂ D₂ relu(BN(P₁ D₁ relu(x)))).
// x: N×H×W×C, y: N×⌈H/s⌉×⌈W/s⌉×C. D: one k×k filter a channel, stride s in D₁. P: C×C pointwise.
// BN has scale and shift in derived networks only. Config: kernel k, odd.
// Cost: 2C(k² + C) parameters, as many multiply-adds an output pixel.
// Source: paper section 4.1, DARTS section 3.1. Example: example.textproto
#ifndef SSNAS_OPS_SEP_CONV_SEP_CONV_H_
#define SSNAS_OPS_SEP_CONV_SEP_CONV_H_

#include <memory>

#include "absl/status/statusor.h"
#include "ssnas/ops/operation.h"
#include "ssnas/ops/sep_conv/sep_conv.pb.h"

namespace ssnas {

class SepConv : public Operation {
 public:
  static absl::StatusOr<std::unique_ptr<Operation>> Create(const SepConvConfig& config);

  absl::StatusOr<Recipe> BuildRecipe(const OperationContext& context) const override;

 private:
  explicit SepConv(int kernel) : kernel_(kernel) {}
  const int kernel_;
};

}  // namespace ssnas

#endif  // SSNAS_OPS_SEP_CONV_SEP_CONV_H_
