// Shuffled group convolution: y = BN(D S G relu(x)), a torch::nn::Module.
// x: N×H×W×C, y: N×⌈H/s⌉×⌈W/s⌉×C. G: pointwise in g groups, g = gcd(groups, C); S: channel g·i + j
// takes channel j·C/g + i; D: one 3×3 filter a channel, stride s. BN has scale and shift in derived
// networks only. Config: groups. Cost: C(C/g + 9) parameters.
// Source: ShuffleNet's unit (Zhang et al., CVPR 2018). Example: example.textproto
#ifndef SHUFFLE_CONV_SHUFFLE_CONV_H_
#define SHUFFLE_CONV_SHUFFLE_CONV_H_

#include <memory>

#include "absl/status/statusor.h"
#include "shuffle_conv/shuffle_conv.pb.h"
#include "ssnas/ops/operation.h"

namespace outside {

class ShuffleConv : public ssnas::Operation {
 public:
  static absl::StatusOr<std::unique_ptr<ssnas::Operation>> Create(const ShuffleConvConfig& config);

  absl::StatusOr<ssnas::Recipe> BuildRecipe(const ssnas::OperationContext& context) const override;

 private:
  explicit ShuffleConv(int groups) : groups_(groups) {}
  const int groups_;
};

}  // namespace outside

#endif  // SHUFFLE_CONV_SHUFFLE_CONV_H_
