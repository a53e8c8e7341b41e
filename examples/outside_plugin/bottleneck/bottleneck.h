// Bottleneck convolution: y = BN(U D R relu(x)).
// x: N×H×W×C, y: N×⌈H/s⌉×⌈W/s⌉×C. R: pointwise to ⌈C/2⌉ channels; D: one k×k filter a channel,
// stride s; U: pointwise back to C. BN has scale and shift in derived networks only. Config: kernel
// k, odd. Cost with B = ⌈C/2⌉: B(2C + k²) parameters.
// Source: ResNet's bottleneck, with a depthwise middle. Example: example.textproto
#ifndef BOTTLENECK_BOTTLENECK_H_
#define BOTTLENECK_BOTTLENECK_H_

#include <memory>

#include "absl/status/statusor.h"
#include "bottleneck/bottleneck.pb.h"
#include "ssnas/ops/operation.h"

namespace outside {

class Bottleneck : public ssnas::Operation {
 public:
  static absl::StatusOr<std::unique_ptr<ssnas::Operation>> Create(const BottleneckConfig& config);

  absl::StatusOr<ssnas::Recipe> BuildRecipe(const ssnas::OperationContext& context) const override;

 private:
  explicit Bottleneck(int kernel) : kernel_(kernel) {}
  const int kernel_;
};

}  // namespace outside

#endif  // BOTTLENECK_BOTTLENECK_H_
