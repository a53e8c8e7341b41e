#include "ssnas/ops/squeeze_excite/squeeze_excite.h"

#include <ATen/ops/mul.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/sigmoid.h>
#include <torch/nn/module.h>
#include <torch/nn/modules/linear.h>

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/core/tensor.h"
#include "ssnas/ops/checks.h"
#include "ssnas/ops/nn_module.h"

namespace ssnas {
namespace {

constexpr int64_t kMaxReduction = 64;

class Gate : public torch::nn::Module {
 public:
  Gate(int64_t channels, int64_t hidden) : squeeze_(channels, hidden), excite_(hidden, channels) {
    register_module("squeeze", squeeze_);
    register_module("excite", excite_);
  }

  at::Tensor forward(const at::Tensor& x) {
    const at::Tensor hidden = at::relu(squeeze_->forward(x.mean({2, 3})));
    const at::Tensor gate = at::sigmoid(excite_->forward(hidden));
    return at::mul(x, gate.unsqueeze(2).unsqueeze(3));
  }

  int64_t MultiplyAdds(const Shape4& input) const {
    return input.n * 2 * squeeze_->options.in_features() * squeeze_->options.out_features() +
           input.count();
  }

 private:
  torch::nn::Linear squeeze_, excite_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Operation>> SqueezeExcite::Create(
    const SqueezeExciteConfig& config) {
  if (config.reduction() < 1 || config.reduction() > kMaxReduction) {
    return absl::InvalidArgumentError(absl::StrCat("squeeze_excite: reduction ", config.reduction(),
                                                   "; give one from 1 to ", kMaxReduction));
  }
  return std::unique_ptr<Operation>(new SqueezeExcite(config.reduction()));
}

absl::StatusOr<Recipe> SqueezeExcite::BuildRecipe(const OperationContext& context) const {
  SSNAS_RETURN_IF_ERROR(CheckContext("squeeze_excite", context));
  const int64_t hidden = std::max<int64_t>(1, context.channels / reduction_);
  SSNAS_ASSIGN_OR_RETURN(auto gate, MakeNnModule<Gate>(context.channels, hidden));
  RecipeBuilder b(context.channels);
  int x = b.Input();
  if (context.stride > 1) x = b.AvgPool(x, /*kernel=*/3, context.stride, /*padding=*/1);
  x = b.Module("gate", x, std::move(gate), context.channels);
  x = b.BatchNorm("norm", x, /*affine=*/context.phase == Phase::kDerived);
  return std::move(b).Build(x);
}

}  // namespace ssnas
