#include "ssnas/engine/reference/forward_pass.h"

#include <ATen/ops/add.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/full.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/max_pool2d_with_indices.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/native_batch_norm.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/zeros.h>
#include <c10/util/Exception.h>

#include <array>
#include <optional>
#include <stdexcept>
#include <tuple>

#include "ssnas/ops/nn_module.h"

namespace ssnas {
namespace {

constexpr double kMomentum = 0.1;
constexpr double kEpsilon = 1e-5;

at::Tensor Convolve(const at::Tensor& x, const Primitive& p, const at::Tensor& weight) {
  const int64_t groups = p.kind == PrimitiveKind::kDepthwise ? p.in_channels : 1;
  return at::conv2d(x, weight, {}, {p.stride, p.stride}, {p.padding, p.padding},
                    {p.dilation, p.dilation}, groups);
}

at::Tensor ShiftByOne(const at::Tensor& x) {
  return at::constant_pad_nd(x.slice(2, 1).slice(3, 1), {0, 1, 0, 1});
}

at::Tensor Subsampled(const at::Tensor& x, int64_t stride) {
  return at::zeros(
      {x.size(0), x.size(1), (x.size(2) - 1) / stride + 1, (x.size(3) - 1) / stride + 1},
      x.options());
}

// A tensor's values in NHWC order.
template <typename Value>
std::vector<Value> ToNhwc(const at::Tensor& x, at::ScalarType type) {
  const at::Tensor dense = x.permute({0, 2, 3, 1}).to(type).contiguous();
  const Value* first = dense.const_data_ptr<Value>();
  return {first, first + dense.numel()};
}

// The same as an N×C×H×W tensor.
template <typename Value>
at::Tensor FromNhwc(const std::vector<Value>& values, const Shape4& s, at::ScalarType type) {
  return at::from_blob(const_cast<Value*>(values.data()), {s.n, s.h, s.w, s.c}, at::dtype(type))
      .permute({0, 3, 1, 2});
}

// Where the caller keeps none.
at::Tensor InitialStatistic(const ParameterSpec& spec, const at::Tensor& x) {
  return at::full(spec.shape, spec.init == Init::kOnes ? 1 : 0, x.options());
}

Shape4 NhwcShape(const at::Tensor& x) { return {x.size(0), x.size(2), x.size(3), x.size(1)}; }

}  // namespace

template <typename T>
at::Tensor ForwardPass<T>::Input(View4<const T> view) {
  const at::Tensor wrapped = WrapView(view);
  const at::Tensor x = wrapped.contiguous(kLayout);
  return Wanted(kInputGradients) ? x.set_requires_grad(true) : x;
}

template <typename T>
at::Tensor ForwardPass<T>::Node(int index, const NodePlan& node, const NodeOffsets& offsets,
                                const Shape4& shape, const std::vector<at::Tensor>& states) {
  at::Tensor sum;
  here_.node = index;
  for (size_t e = 0; e < node.edges.size(); ++e) {
    here_.edge = static_cast<int>(e);
    const at::Tensor y = Edge(node.edges[e], offsets[e], states[node.edges[e].from]);
    if (y.defined()) sum = sum.defined() ? at::add(sum, y) : y;
    ++edge_index_;
  }
  if (sum.defined()) return sum;
  return at::zeros({shape.n, shape.c, shape.h, shape.w}, states[0].options());
}

template <typename T>
at::Tensor ForwardPass<T>::Parameter(const T* data, int64_t offset, at::IntArrayRef sizes,
                                     GradientMask mask, std::vector<Leaf>* leaves) {
  at::Tensor tensor = WrapFlat(data + offset, sizes);
  if (Keeps()) tensor = tensor.clone();
  if (Wanted(mask)) leaves->push_back({tensor.set_requires_grad(true), offset});
  return tensor;
}

template <typename T>
at::Tensor ForwardPass<T>::Edge(const EdgePlan& edge, const EdgeOffsets& offsets,
                                const at::Tensor& x) {
  at::Tensor sum;
  const int64_t count = static_cast<int64_t>(edge.candidates.size());
  std::vector<at::Tensor> shares;
  if (edge.mixture_row >= 0) {
    shares = Parameter(args_.mixture, edge.mixture_row * count, {count}, kAlphaGradients, &mixtures)
                 .unbind();
  }
  for (int64_t c = 0; c < count; ++c) {
    const Recipe& recipe = edge.candidates[c].recipe;
    if (recipe.IsZero()) continue;
    here_.candidate = static_cast<int>(c);
    at::Tensor y = Run(recipe, offsets[c], x);
    if (!shares.empty()) y = at::mul(y, shares[c]);
    sum = sum.defined() ? at::add(sum, y) : y;
  }
  if (!sum.defined() || !edge.drop_path || args_.drop_path == nullptr) return sum;
  const int64_t images = x.size(0);
  const at::Tensor scale = WrapFlat(args_.drop_path + edge_index_ * images, {images, 1, 1, 1});
  return at::mul(sum, Keeps() ? scale.clone() : scale);
}

template <typename T>
at::Tensor ForwardPass<T>::Run(const Recipe& recipe, const CandidateOffsets& offsets,
                               const at::Tensor& x) {
  std::vector<at::Tensor> values = {x};
  for (size_t i = 1; i < recipe.primitives().size(); ++i) {
    const Primitive& primitive = recipe.primitives()[i];
    here_.primitive = static_cast<int>(i);
    std::vector<at::Tensor> inputs;
    for (const int input : primitive.inputs) inputs.push_back(values[input]);
    values.push_back(Run(primitive, offsets[i], inputs));
  }
  return values[recipe.output()];
}

template <typename T>
at::Tensor ForwardPass<T>::Run(const Primitive& p, const Offsets& offsets,
                               const std::vector<at::Tensor>& x) {
  switch (p.kind) {
    case PrimitiveKind::kInput:
    case PrimitiveKind::kIdentity:
      return x[0];
    case PrimitiveKind::kZero:
      return Subsampled(x[0], p.stride);
    case PrimitiveKind::kRelu:
      return Relu(x[0]);
    case PrimitiveKind::kShift:
      return ShiftByOne(x[0]);
    case PrimitiveKind::kDepthwise:
      return Convolve(x[0], p, Filter(p, offsets, 1));
    case PrimitiveKind::kPointwise:
    case PrimitiveKind::kConv:
      return Convolve(x[0], p, Filter(p, offsets, p.in_channels));
    case PrimitiveKind::kBatchNorm:
      return Norm(p, offsets, x[0]);
    case PrimitiveKind::kMaxPool:
      return MaxPool(p, x[0]);
    case PrimitiveKind::kAvgPool:
      return at::avg_pool2d(x[0], {p.kernel, p.kernel}, {p.stride, p.stride},
                            {p.padding, p.padding}, /*ceil_mode=*/false,
                            /*count_include_pad=*/false);
    case PrimitiveKind::kConcat:
      return at::cat(x, 1);
    case PrimitiveKind::kModule:
      return RunModule(p, offsets, x[0]);
  }
  throw std::logic_error("primitive of no known kind");
}

template <typename T>
at::Tensor ForwardPass<T>::Relu(const at::Tensor& x) {
  if (options_.replay != nullptr) {
    const ReluDecision& decided = *options_.replay->FindRelu(here_);
    return at::mul(x, FromNhwc(decided.passed, decided.shape, at::kByte).to(x.scalar_type()));
  }
  if (options_.record != nullptr) {
    options_.record->SetRelu(here_, NhwcShape(x), ToNhwc<uint8_t>(x.detach().gt(0), at::kByte));
  }
  return at::relu(x);
}

template <typename T>
at::Tensor ForwardPass<T>::MaxPool(const Primitive& p, const at::Tensor& x) {
  if (options_.replay != nullptr) {
    const MaxPoolDecision& decided = *options_.replay->FindMaxPool(here_);
    const Shape4& s = decided.shape;
    const at::Tensor winners = FromNhwc(decided.winners, s, at::kInt).to(at::kLong).flatten(2);
    return x.flatten(2).gather(2, winners).view({s.n, s.c, s.h, s.w}).contiguous(kLayout);
  }
  const std::array<int64_t, 2> kernel = {p.kernel, p.kernel}, stride = {p.stride, p.stride},
                               padding = {p.padding, p.padding};
  if (options_.record == nullptr) return at::max_pool2d(x, kernel, stride, padding);
  auto [y, winners] = at::max_pool2d_with_indices(x, kernel, stride, padding);
  options_.record->SetMaxPool(here_, NhwcShape(y), ToNhwc<int32_t>(winners, at::kInt));
  return y;
}

template <typename T>
at::Tensor ForwardPass<T>::Filter(const Primitive& p, const Offsets& offsets, int64_t read) {
  return Parameter(args_.weights, offsets.weight, {p.out_channels, read, p.kernel, p.kernel},
                   kWeightGradients, &weights);
}

template <typename T>
at::Tensor ForwardPass<T>::Norm(const Primitive& p, const Offsets& offsets, const at::Tensor& x) {
  std::optional<at::Tensor> scale, shift, mean, variance;
  if (p.affine) {
    scale = Parameter(args_.weights, offsets.weight, {p.out_channels}, kWeightGradients, &weights);
    shift = Parameter(args_.weights, offsets.bias, {p.out_channels}, kWeightGradients, &weights);
  }
  if (args_.norm != NormMode::kBatch && args_.running_statistics != nullptr) {
    mean = WrapFlat(args_.running_statistics + offsets.mean, {p.out_channels});
    variance = WrapFlat(args_.running_statistics + offsets.variance, {p.out_channels});
  }
  const bool batch = args_.norm != NormMode::kRunning;
  if (!batch && Keeps()) {
    mean = mean->clone();
    variance = variance->clone();
  }
  return std::get<0>(
      at::native_batch_norm(x, scale, shift, mean, variance, batch, kMomentum, kEpsilon));
}

template <typename T>
at::Tensor ForwardPass<T>::RunModule(const Primitive& p, const Offsets& offsets,
                                     const at::Tensor& x) {
  const auto* module = dynamic_cast<const NnModule*>(p.module.get());
  TORCH_CHECK(module != nullptr, "module '", p.name, "' is not one of ssnas/ops/nn_module.h");
  const std::vector<ParameterSpec> parameters = module->Parameters();
  const std::vector<ParameterSpec> statistics = module->RunningStatistics();
  NnModule::Tensors tensors;
  for (size_t i = 0; i < parameters.size(); ++i) {
    at::Tensor tensor = WrapFlat(args_.weights + offsets.parameters[i], parameters[i].shape);
    if (Keeps()) tensor = tensor.clone();
    tensors.parameters.push_back(tensor.set_requires_grad(Wanted(kWeightGradients)));
  }
  for (size_t i = 0; i < statistics.size(); ++i) {
    at::Tensor tensor =
        args_.running_statistics == nullptr
            ? InitialStatistic(statistics[i], x)
            : WrapFlat(args_.running_statistics + offsets.statistics[i], statistics[i].shape);
    // Only an update is to be seen by the caller.
    tensors.statistics.push_back(args_.norm == NormMode::kBatchAndUpdate ? tensor : tensor.clone());
  }
  const at::Tensor y = module->Forward(x, args_.norm != NormMode::kRunning, &tensors);
  const Shape4 input = NhwcShape(x);
  const Shape4 planned{input.n, (input.h - 1) / p.stride + 1, (input.w - 1) / p.stride + 1,
                       p.out_channels};
  TORCH_CHECK(y.dim() == 4 && NhwcShape(y) == planned, "module '", p.name, "' gives ", y.sizes(),
              " for an input of ", x.sizes(), " where its recipe says stride ", p.stride, " and ",
              p.out_channels, " channels");
  for (size_t i = 0; i < parameters.size() && Wanted(kWeightGradients); ++i) {
    weights.push_back({tensors.parameters[i], offsets.parameters[i]});
  }
  return y;
}

template class ForwardPass<float>;
template class ForwardPass<double>;

}  // namespace ssnas
