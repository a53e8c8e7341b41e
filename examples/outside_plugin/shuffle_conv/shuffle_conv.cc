#include "shuffle_conv/shuffle_conv.h"

#include <ATen/ops/relu.h>
#include <torch/nn/module.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/conv.h>

#include <cstdint>
#include <numeric>
#include <utility>

#include "absl/status/status.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/core/tensor.h"
#include "ssnas/ops/checks.h"
#include "ssnas/ops/nn_module.h"

namespace outside {
namespace {

class Unit : public torch::nn::Module {
 public:
  Unit(int64_t channels, int64_t groups, int64_t stride, bool affine)
      : groups_(groups),
        pointwise_(torch::nn::Conv2dOptions(channels, channels, 1).groups(groups).bias(false)),
        depthwise_(torch::nn::Conv2dOptions(channels, channels, 3)
                       .groups(channels)
                       .stride(stride)
                       .padding(1)
                       .bias(false)),
        norm_(torch::nn::BatchNorm2dOptions(channels).affine(affine)) {
    register_module("pointwise", pointwise_);
    register_module("depthwise", depthwise_);
    register_module("norm", norm_);
  }

  at::Tensor forward(const at::Tensor& x) {
    const at::Tensor grouped = pointwise_->forward(at::relu(x));
    const at::Tensor mixed = grouped.unflatten(1, {groups_, -1}).transpose(1, 2).flatten(1, 2);
    return norm_->forward(depthwise_->forward(mixed));
  }

  int64_t MultiplyAdds(const ssnas::Shape4& input) const {
    const int64_t stride = depthwise_->options.stride()->at(0);
    const int64_t outputs = input.n * ((input.h - 1) / stride + 1) * ((input.w - 1) / stride + 1);
    return input.count() * input.c / groups_ + outputs * input.c * 9;
  }

 private:
  const int64_t groups_;
  torch::nn::Conv2d pointwise_, depthwise_;
  torch::nn::BatchNorm2d norm_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ssnas::Operation>> ShuffleConv::Create(
    const ShuffleConvConfig& config) {
  if (config.groups() < 1 || config.groups() > 16) {
    return absl::InvalidArgumentError("shuffle_conv: give from 1 to 16 groups");
  }
  return std::unique_ptr<ssnas::Operation>(new ShuffleConv(config.groups()));
}

absl::StatusOr<ssnas::Recipe> ShuffleConv::BuildRecipe(
    const ssnas::OperationContext& context) const {
  SSNAS_RETURN_IF_ERROR(ssnas::CheckContext("shuffle_conv", context));
  const int64_t groups = std::gcd<int64_t, int64_t>(groups_, context.channels);
  const bool affine = context.phase == ssnas::Phase::kDerived;
  SSNAS_ASSIGN_OR_RETURN(auto unit, ssnas::MakeNnModule<Unit>(context.channels, groups,
                                                              int64_t{context.stride}, affine));
  ssnas::RecipeBuilder b(context.channels);
  const int y = b.Module("unit", b.Input(), std::move(unit), context.channels, context.stride);
  return std::move(b).Build(y);
}

}  // namespace outside
