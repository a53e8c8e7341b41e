// Squeeze and excitation: y = BN(p · σ(W₂ relu(W₁ m + b₁) + b₂)).
// x: N×H×W×C, y: N×⌈H/s⌉×⌈W/s⌉×C. p: x, for s = 2 its 3×3 average pool; m: the mean of p's pixels,
// a channel. W₁: D×C, W₂: C×D with D = max(1, ⌊C / reduction⌋). The gate is a torch::nn::Module, so
// this is also the example of an operation that no recipe of primitives could say. BN has scale and
// shift in derived networks only. Config: reduction. Cost: 2CD + C + D parameters; an image takes
// 2CD multiply-adds, and HWC to scale its pixels.
// Source: Hu, Shen, Sun: Squeeze-and-Excitation Networks (CVPR 2018). Example: example.textproto
#ifndef SSNAS_OPS_SQUEEZE_EXCITE_SQUEEZE_EXCITE_H_
#define SSNAS_OPS_SQUEEZE_EXCITE_SQUEEZE_EXCITE_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "ssnas/ops/operation.h"
#include "ssnas/ops/squeeze_excite/squeeze_excite.pb.h"

namespace ssnas {

class SqueezeExcite : public Operation {
 public:
  static absl::StatusOr<std::unique_ptr<Operation>> Create(const SqueezeExciteConfig& config);

  absl::StatusOr<Recipe> BuildRecipe(const OperationContext& context) const override;

 private:
  explicit SqueezeExcite(int64_t reduction) : reduction_(reduction) {}
  const int64_t reduction_;
};

}  // namespace ssnas

#endif  // SSNAS_OPS_SQUEEZE_EXCITE_SQUEEZE_EXCITE_H_
