#include "bench/peers/eager_layers.h"

#include <ATen/ops/adaptive_avg_pool2d.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/zeros.h>

#include <optional>

#include "ssnas/core/logging.h"  // After ATen: see its banner.

namespace ssnas {
namespace {

EagerLayer Relu() {
  return [](const at::Tensor& x) { return at::relu(x); };
}

// relu → depthwise → pointwise → norm; `number` tells the halves of a separable convolution apart.
EagerLayer DepthwiseHalf(EagerParameters& parameters, const std::string& prefix,
                         const std::string& number, int64_t channels, const EagerConv& depthwise,
                         bool affine) {
  EagerConv conv = depthwise;
  conv.in = conv.out = conv.groups = channels;
  conv.padding = conv.dilation * (conv.kernel - 1) / 2;
  return Sequence(
      {Relu(), Conv(parameters, prefix + "depthwise" + number, conv),
       Conv(parameters, prefix + "pointwise" + number, {.in = channels, .out = channels}),
       BatchNorm(parameters, prefix + "norm" + number, channels, affine)});
}

EagerLayer Separable(EagerParameters& parameters, const std::string& prefix, int64_t channels,
                     int kernel, int stride, bool affine) {
  return Sequence({DepthwiseHalf(parameters, prefix, "1", channels,
                                 {.kernel = kernel, .stride = stride}, affine),
                   DepthwiseHalf(parameters, prefix, "2", channels, {.kernel = kernel}, affine)});
}

EagerLayer Dilated(EagerParameters& parameters, const std::string& prefix, int64_t channels,
                   int kernel, int stride, bool affine) {
  return DepthwiseHalf(parameters, prefix, "", channels,
                       {.kernel = kernel, .stride = stride, .dilation = 2}, affine);
}

EagerLayer Zero(int stride) {
  return [stride](const at::Tensor& x) {
    if (stride == 1) return x.mul(0.0);
    return x.slice(2, 0, std::nullopt, stride).slice(3, 0, std::nullopt, stride).mul(0.0);
  };
}

EagerLayer Pool(bool maximum, int stride) {
  return [maximum, stride](const at::Tensor& x) {
    if (maximum) return at::max_pool2d(x, {3, 3}, {stride, stride}, {1, 1});
    return at::avg_pool2d(x, {3, 3}, {stride, stride}, {1, 1}, /*ceil_mode=*/false,
                          /*count_include_pad=*/false);
  };
}

}  // namespace

at::Tensor EagerParameters::Add(ParameterSpec spec) {
  ParameterLayout layout;
  layout.Add(spec);
  std::vector<float> values = InitialValues<float>(layout, seed_);
  at::Tensor tensor = at::from_blob(values.data(), spec.shape, at::kFloat).clone();
  if (channels_last_ && tensor.dim() == 4) {
    tensor = tensor.contiguous(at::MemoryFormat::ChannelsLast);
  }
  tensor.set_requires_grad(true);
  all_.emplace_back(std::move(spec.name), tensor);
  return tensor;
}

EagerLayer Conv(EagerParameters& parameters, const std::string& name, const EagerConv& conv) {
  const int64_t read = conv.in / conv.groups;
  const at::Tensor weight = parameters.Add({.name = name + ".weight",
                                            .shape = {conv.out, read, conv.kernel, conv.kernel},
                                            .init = Init::kUniformFanIn,
                                            .fan_in = read * conv.kernel * conv.kernel});
  return [weight, conv](const at::Tensor& x) {
    return at::conv2d(x, weight, {}, {conv.stride, conv.stride}, {conv.padding, conv.padding},
                      {conv.dilation, conv.dilation}, conv.groups);
  };
}

EagerLayer BatchNorm(EagerParameters& parameters, const std::string& name, int64_t channels,
                     bool affine) {
  std::optional<at::Tensor> scale, shift;
  if (affine) {
    scale = parameters.Add({.name = name + ".weight", .shape = {channels}, .init = Init::kOnes});
    shift = parameters.Add({.name = name + ".bias", .shape = {channels}, .init = Init::kZeros});
  }
  const at::Tensor mean = at::zeros({channels}), variance = at::ones({channels});
  const at::Tensor batches = at::zeros({}, at::kLong);
  return [=](const at::Tensor& x) {
    batches.add_(1);
    return at::batch_norm(x, scale, shift, mean, variance, /*training=*/true, /*momentum=*/0.1,
                          /*eps=*/1e-5, /*cudnn_enabled=*/false);
  };
}

EagerLayer Linear(EagerParameters& parameters, const std::string& name, int64_t in, int64_t out) {
  const at::Tensor weight = parameters.Add(
      {.name = name + ".weight", .shape = {out, in}, .init = Init::kUniformFanIn, .fan_in = in});
  const at::Tensor bias = parameters.Add(
      {.name = name + ".bias", .shape = {out}, .init = Init::kUniformFanIn, .fan_in = in});
  return [=](const at::Tensor& x) { return at::linear(x, weight, bias); };
}

EagerLayer Sequence(std::vector<EagerLayer> layers) {
  return [layers = std::move(layers)](const at::Tensor& x) {
    at::Tensor y = x;
    for (const EagerLayer& layer : layers) y = layer(y);
    return y;
  };
}

EagerLayer ReluConvNorm(EagerParameters& parameters, const std::string& prefix, int64_t in,
                        int64_t out, bool affine) {
  return Sequence({Relu(), Conv(parameters, prefix + "conv", {.in = in, .out = out}),
                   BatchNorm(parameters, prefix + "norm", out, affine)});
}

EagerLayer FactorizedReduction(EagerParameters& parameters, const std::string& prefix, int64_t in,
                               int64_t out, bool affine) {
  const EagerConv half{.in = in, .out = out / 2, .stride = 2};
  const EagerLayer even = Conv(parameters, prefix + "pointwise1", half);
  const EagerLayer odd = Conv(parameters, prefix + "pointwise2", half);
  const EagerLayer norm = BatchNorm(parameters, prefix + "norm", out, affine);
  return [=](const at::Tensor& x) {
    const at::Tensor y = at::relu(x);
    return norm(at::cat({even(y), odd(y.slice(2, 1).slice(3, 1))}, 1));
  };
}

EagerLayer Candidate(EagerParameters& parameters, const std::string& prefix,
                     const std::string& name, int64_t channels, int stride, bool affine) {
  if (name == "none") return Zero(stride);
  if (name == "max_pool_3x3" || name == "avg_pool_3x3") return Pool(name[0] == 'm', stride);
  if (name == "skip_connect") {
    if (stride == 1) return [](const at::Tensor& x) { return x; };
    return FactorizedReduction(parameters, prefix, channels, channels, affine);
  }
  if (name == "sep_conv_3x3") return Separable(parameters, prefix, channels, 3, stride, affine);
  if (name == "sep_conv_5x5") return Separable(parameters, prefix, channels, 5, stride, affine);
  if (name == "dil_conv_3x3") return Dilated(parameters, prefix, channels, 3, stride, affine);
  if (name == "dil_conv_5x5") return Dilated(parameters, prefix, channels, 5, stride, affine);
  LOG(FATAL) << "no candidate of DARTS: " << name;
}

EagerLayer Preprocess(EagerParameters& parameters, const std::string& prefix, int64_t in,
                      int64_t out, bool reduce, bool affine) {
  return reduce ? FactorizedReduction(parameters, prefix, in, out, affine)
                : ReluConvNorm(parameters, prefix, in, out, affine);
}

at::Tensor GlobalPool(const at::Tensor& x) { return at::adaptive_avg_pool2d(x, {1, 1}).flatten(1); }

}  // namespace ssnas
