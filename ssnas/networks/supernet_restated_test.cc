// The supernet's first-order gradients against DARTS' definition written straight in libtorch.
//
// The restatement shares nothing with the network but the names of the weights: no recipes, no
// plans, no blocks, batch norm in plain arithmetic, one autograd graph from images to loss.
#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ssnas/core/testing/compare.h"
#include "ssnas/engine/reference/reference_engine.h"
#include "ssnas/networks/darts_space.h"
#include "ssnas/networks/network.h"
#include "ssnas/networks/testing/network_data.h"

namespace ssnas {
namespace {

using at::Tensor;

constexpr int kCells = 3, kChannels = 4, kNodes = 4, kOperations = 8;

Tensor Norm(const Tensor& x) {
  const Tensor centred = x - x.mean({0, 2, 3}, /*keepdim=*/true);
  const Tensor variance = (centred * centred).mean({0, 2, 3}, /*keepdim=*/true);
  return centred / (variance + 1e-5).sqrt();
}

// Weights by name; `prefix` says whose.
struct Named {
  const ParameterLayout& layout;
  const Tensor& flat;
  std::string prefix;

  Named Under(const std::string& name) const { return {layout, flat, prefix + name}; }
  Tensor operator()(const std::string& name, at::IntArrayRef sizes) const {
    int64_t count = 1;
    for (const int64_t size : sizes) count *= size;
    return flat.narrow(0, layout.Find(prefix + name).value(), count).view(sizes);
  }
};

// relu → depthwise k×k → pointwise → norm, with weights "depthwise…", "pointwise…".
Tensor DepthwiseHalf(const Named& w, const std::string& number, const Tensor& x, int k, int stride,
                     int dilation) {
  const int64_t c = x.size(1);
  const int64_t padding = dilation * (k - 1) / 2;
  Tensor y = at::conv2d(x.relu(), w(absl::StrCat("depthwise", number, ".weight"), {c, 1, k, k}), {},
                        stride, padding, dilation, c);
  y = at::conv2d(y, w(absl::StrCat("pointwise", number, ".weight"), {c, c, 1, 1}));
  return Norm(y);
}

Tensor FactorizedReduce(const Named& w, const Tensor& x, int64_t out) {
  const int64_t in = x.size(1);
  const Tensor y = x.relu();
  const Tensor odd = y.slice(2, 1).slice(3, 1);
  return Norm(at::cat({at::conv2d(y, w("pointwise1.weight", {out / 2, in, 1, 1}), {}, 2),
                       at::conv2d(odd, w("pointwise2.weight", {out / 2, in, 1, 1}), {}, 2)},
                      1));
}

Tensor Operate(int operation, const Named& edge, const Tensor& x, int stride) {
  const auto twice = [&](const Named& w, int k) {
    return DepthwiseHalf(w, "2", DepthwiseHalf(w, "1", x, k, stride, 1), k, 1, 1);
  };
  switch (operation) {
    case 0:
      return at::max_pool2d(x, 1, stride) * 0;
    case 1:
      return Norm(at::max_pool2d(x, 3, stride, 1));
    case 2:
      return Norm(at::avg_pool2d(x, 3, stride, 1, false, /*count_include_pad=*/false));
    case 3:
      return stride == 1 ? x : FactorizedReduce(edge.Under("skip_connect."), x, x.size(1));
    case 4:
      return twice(edge.Under("sep_conv_3x3."), 3);
    case 5:
      return twice(edge.Under("sep_conv_5x5."), 5);
    case 6:
      return DepthwiseHalf(edge.Under("dil_conv_3x3."), "", x, 3, stride, 2);
    default:
      return DepthwiseHalf(edge.Under("dil_conv_5x5."), "", x, 5, stride, 2);
  }
}

Tensor Cell(const Named& w, Tensor s0, Tensor s1, const Tensor& mixture, int64_t c, bool reduction,
            bool reduction_before) {
  const auto pointwise = [&](const std::string& name, const Tensor& x) {
    return Norm(at::conv2d(x.relu(), w(name, {c, x.size(1), 1, 1})));
  };
  s0 = reduction_before ? FactorizedReduce(w.Under("edge_0_2.preprocess0."), s0, c)
                        : pointwise("edge_0_2.preprocess0.conv.weight", s0);
  s1 = pointwise("edge_1_3.preprocess1.conv.weight", s1);
  std::vector<Tensor> states = {s0, s1};
  int row = 0;
  for (int node = 2; node < 2 + kNodes; ++node) {
    Tensor sum;
    for (int from = 0; from < node; ++from, ++row) {
      const Named edge = w.Under(absl::StrCat("edge_", from + 2, "_", node + 2, "."));
      for (int o = 0; o < kOperations; ++o) {
        const int stride = reduction && from < 2 ? 2 : 1;
        const Tensor term = mixture[row][o] * Operate(o, edge, states[from], stride);
        sum = sum.defined() ? sum + term : term;
      }
    }
    states.push_back(sum);
  }
  return at::cat({states[2], states[3], states[4], states[5]}, 1);
}

// Images N×C×H×W → h, N×C. `alphas`: 2 × 14 × 8 logits.
Tensor Supernet(const Named& w, const Tensor& images, const Tensor& alphas) {
  const Tensor mixture = alphas.softmax(-1);
  const int64_t stem = 3 * kChannels;
  Tensor x =
      Norm(at::conv2d(images, w("stem.edge_0_1.cifar.conv.weight", {stem, 3, 3, 3}), {}, 1, 1));
  x = x * w("stem.edge_0_1.cifar.norm.weight", {1, stem, 1, 1}) +
      w("stem.edge_0_1.cifar.norm.bias", {1, stem, 1, 1});
  Tensor s0 = x, s1 = x;
  int64_t c = kChannels;
  bool reduction_before = false;
  for (int cell = 0; cell < kCells; ++cell) {
    const bool reduction = cell == kCells / 3 || cell == 2 * kCells / 3;
    if (reduction) c *= 2;
    const Tensor y = Cell(w.Under(absl::StrCat("cells.", cell, ".")), s0, s1, mixture[reduction], c,
                          reduction, reduction_before);
    s0 = s1;
    s1 = y;
    reduction_before = reduction;
  }
  return s1.mean({2, 3});
}

Tensor ToTensor(const std::vector<double>& values, at::IntArrayRef sizes) {
  return at::from_blob(const_cast<double*>(values.data()), sizes, at::kDouble).clone();
}

std::vector<double> ToVector(const Tensor& tensor) {
  const Tensor dense = tensor.contiguous();
  return {dense.data_ptr<double>(), dense.data_ptr<double>() + dense.numel()};
}

// Both sides compute the same sums in another order: some 30 norms and convolutions one behind the
// other, each with sums of up to 10³ terms, whose roundings may add up and whose conditioning may
// amplify them tenfold.
constexpr double kRoundings = 3e5;

double Bound(const std::vector<double>& expected) {
  double largest = 0;
  for (const double value : expected) largest = std::max(largest, std::abs(value));
  return kRoundings * kDoubleEpsilon * largest;
}

TEST(SupernetTest, IsDartsDefinition) {
  SetReferenceThreads(1);
  const auto engine = MakeReferenceEngine<double>();
  auto network =
      Network<double>::Create(*PlanSupernet(DartsSpace(), kCells, kChannels, 3), *engine).value();
  const NetworkData data = RandomNetworkData(*network, {4, 8, 8, 3}, 11);

  const Tensor weights = ToTensor(data.weights, {network->weights().size()}).requires_grad_();
  const Tensor alphas = ToTensor(data.alphas, {2, 14, kOperations}).requires_grad_();
  const Tensor images = ToTensor(data.images, {4, 8, 8, 3}).requires_grad_();
  const Tensor h =
      Supernet({network->weights(), weights, ""}, images.permute({0, 3, 1, 2}), alphas);
  const Tensor loss = (h * ToTensor(data.representation_gradient, h.sizes())).sum();
  const auto expected = torch::autograd::grad({loss}, {weights, alphas, images});

  NetworkOutputs<double> outputs;
  ASSERT_EQ(
      network->Forward({data.images.data(), data.shape},
                       {.weights = data.weights.data(), .alphas = data.alphas.data()}, &outputs),
      absl::OkStatus());
  EXPECT_EQ(Compare<double>(outputs.representation, ToVector(h), Bound(ToVector(h))),
            absl::OkStatus());

  // The two steps of a search, and all at once.
  const auto alpha_step = Gradients(*network, data, {}, kAlphaGradients);
  ASSERT_TRUE(alpha_step.ok()) << alpha_step.status();
  const auto weight_step = Gradients(*network, data, {}, kWeightGradients);
  ASSERT_TRUE(weight_step.ok()) << weight_step.status();
  const auto all =
      Gradients(*network, data, {}, kWeightGradients | kAlphaGradients | kInputGradients);
  ASSERT_TRUE(all.ok()) << all.status();
  const std::vector<double> of_weights = ToVector(expected[0]), of_alphas = ToVector(expected[1]),
                            of_images = ToVector(expected[2]);
  for (const auto* found : {&weight_step->weights, &all->weights}) {
    EXPECT_EQ(Compare<double>(*found, of_weights, Bound(of_weights)), absl::OkStatus());
  }
  for (const auto* found : {&alpha_step->alphas, &all->alphas}) {
    EXPECT_EQ(Compare<double>(*found, of_alphas, Bound(of_alphas)), absl::OkStatus());
  }
  EXPECT_EQ(Compare<double>(all->images, of_images, Bound(of_images)), absl::OkStatus());
}

}  // namespace
}  // namespace ssnas
