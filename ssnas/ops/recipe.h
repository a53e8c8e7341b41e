// A recipe: an operation declared as a small graph of primitives in single-assignment form.
//
// Engines lower recipes: the reference engine into libtorch calls, the fused one into its kernels;
// work and parameters are counted from them. Value i is the output of primitives()[i]; value 0 is
// the input.
//
// Example (separable convolution):
//   RecipeBuilder b(channels);
//   auto x = b.Relu(b.Input());
//   x = b.Depthwise("depthwise1", x, 3, 1, 1, 1);
//   x = b.BatchNorm("norm1", b.Pointwise("pointwise1", x, channels), affine);
//   Recipe recipe = std::move(b).Build(x);
//
// Source: DARTS section 3.1 for the operations; docs/architecture.md for what engines do with them.
#ifndef SSNAS_OPS_RECIPE_H_
#define SSNAS_OPS_RECIPE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ssnas/core/parameters.h"
#include "ssnas/core/tensor.h"
#include "ssnas/ops/module.h"

namespace ssnas {

enum class PrimitiveKind {
  kInput,      // value 0 only
  kIdentity,   // y = x
  kZero,       // y = 0, subsampled by stride
  kRelu,       // y = max(x, 0)
  kShift,      // y[h, w] = x[h + 1, w + 1], zero past the edge
  kDepthwise,  // one k×k filter a channel; stride, dilation, padding
  kPointwise,  // 1×1 convolution to out_channels; stride
  kConv,       // dense k×k convolution to out_channels; stride, dilation, padding
  kBatchNorm,  // ε = 1e-5, momentum 0.1; scale and shift if affine
  kMaxPool,    // k×k, stride, padding; padding never wins
  kAvgPool,    // k×k, stride, padding; padding is not counted
  kConcat,     // along channels
  kModule,     // code of its own (module.h), to out_channels; stride
};

struct Primitive {
  PrimitiveKind kind = PrimitiveKind::kInput;
  std::vector<int> inputs = {};
  std::string name = {};  // of its parameters, unique in the recipe; empty where it has none
  int kernel = 1;
  int stride = 1;
  int dilation = 1;
  int padding = 0;
  int64_t out_channels = 0;  // of its value
  int64_t in_channels = 0;   // of its (first) input
  bool affine = false;
  std::shared_ptr<const Module> module = nullptr;  // of kModule
};

class Recipe {
 public:
  const std::vector<Primitive>& primitives() const { return primitives_; }
  int output() const { return output_; }
  int64_t in_channels() const { return primitives_[0].out_channels; }
  int64_t out_channels() const { return primitives_[output_].out_channels; }

  // Exactly x → x; such an edge is never dropped by drop-path.
  bool IsIdentity() const;
  // Exactly x → 0.
  bool IsZero() const;
  // Whether a stage is code of its own.
  bool HasModule() const;

  // Shape of every value for an input of this shape; InvalidArgument where a kernel does not fit or
  // two concatenated values differ in size.
  absl::StatusOr<std::vector<Shape4>> Shapes(const Shape4& input) const;

  // Trainable tensors ("depthwise1.weight", "norm1.weight", "norm1.bias"), to which the caller
  // prepends its own prefix; and the running statistics ("norm1.running_mean",
  // "norm1.running_var"). Those of a module begin with its name.
  std::vector<ParameterSpec> Parameters() const;
  std::vector<ParameterSpec> RunningStatistics() const;

  // Multiply-adds of the convolutions and modules of one forward pass over an input of this shape.
  absl::StatusOr<int64_t> MultiplyAdds(const Shape4& input) const;

  // One line a value, for golden tests: "3 = depthwise k3 s1 d1 p1 (2) -> 16 [depthwise1]".
  std::string DebugString() const;

 private:
  friend class RecipeBuilder;
  std::vector<Primitive> primitives_;
  int output_ = 0;
};

class RecipeBuilder {
 public:
  explicit RecipeBuilder(int64_t in_channels);

  int Input() const { return 0; }
  int Identity(int x);
  int Zero(int x, int stride);
  int Relu(int x);
  int Shift(int x);
  int Depthwise(const std::string& name, int x, int kernel, int stride, int dilation, int padding);
  int Pointwise(const std::string& name, int x, int64_t out_channels, int stride = 1);
  int Conv(const std::string& name, int x, int64_t out_channels, int kernel, int stride,
           int padding);
  int BatchNorm(const std::string& name, int x, bool affine);
  int MaxPool(int x, int kernel, int stride, int padding);
  int AvgPool(int x, int kernel, int stride, int padding);
  int Concat(const std::vector<int>& values);
  // N×H×W×C → N×⌈H/s⌉×⌈W/s⌉×out_channels.
  int Module(const std::string& name, int x, std::shared_ptr<const ssnas::Module> module,
             int64_t out_channels, int stride = 1);

  Recipe Build(int output) &&;

 private:
  int Add(Primitive primitive);
  Recipe recipe_;
};

}  // namespace ssnas

#endif  // SSNAS_OPS_RECIPE_H_
