// Gradients of whole networks against finite differences, in float64.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "ssnas/core/testing/compare.h"
#include "ssnas/core/testing/gradient_check.h"
#include "ssnas/engine/reference/reference_engine.h"
#include "ssnas/networks/darts_space.h"
#include "ssnas/networks/genotype.h"
#include "ssnas/networks/network.h"
#include "ssnas/networks/testing/network_data.h"

namespace ssnas {
namespace {

constexpr unsigned kAll = kWeightGradients | kAlphaGradients | kInputGradients;

// Thousands of ReLUs: a small step crosses few kinks.
constexpr GradientCheckOptions kSmallStep = {.step = 1e-6};

std::unique_ptr<Network<double>> MakeNetwork(const absl::StatusOr<NetworkPlan>& plan) {
  SetReferenceThreads(1);
  EXPECT_TRUE(plan.ok()) << plan.status();
  auto network = Network<double>::Create(*plan, *MakeReferenceEngine<double>());
  EXPECT_TRUE(network.ok()) << network.status();
  return *std::move(network);
}

// `part` is what of the data is moved.
void ExpectGradient(Network<double>& network, NetworkData data, const NetworkForward<double>& args,
                    std::vector<double> NetworkData::*part, const std::vector<double>& gradient,
                    int64_t coordinates) {
  const std::vector<double> point = data.*part;
  const auto loss = [&](const std::vector<double>& moved) {
    data.*part = moved;
    return Loss(network, data, args).value();
  };
  EXPECT_EQ(
      CheckGradient(loss, point, gradient,
                    SomeCoordinates(static_cast<int64_t>(point.size()), coordinates), kSmallStep),
      absl::OkStatus());
}

TEST(NetworkGradientTest, Supernet) {
  // Two nodes; supernet_restated_test.cc looks at four.
  SearchSpace space = DartsSpace();
  space.set_nodes(2);
  const auto network = MakeNetwork(PlanSupernet(space, 3, 4, 3));
  const NetworkData data = RandomNetworkData(*network, {2, 8, 8, 3}, 3);
  const auto gradients = Gradients(*network, data, {}, kAll);
  ASSERT_TRUE(gradients.ok()) << gradients.status();
  ExpectGradient(*network, data, {}, &NetworkData::weights, gradients->weights, 11);
  ExpectGradient(*network, data, {}, &NetworkData::alphas, gradients->alphas, 11);
  ExpectGradient(*network, data, {}, &NetworkData::images, gradients->images, 5);
}

Architecture TestCell() {
  return ParseArchitecture(
             "Genotype(normal=[('sep_conv_3x3', 0), ('skip_connect', 1), ('dil_conv_5x5', 2), "
             "('avg_pool_3x3', 0)], normal_concat=[2, 3], reduce=[('max_pool_3x3', 0), "
             "('skip_connect', 1), ('sep_conv_3x3', 2), ('skip_connect', 0)], "
             "reduce_concat=[2, 3])",
             "test")
      .value();
}

TEST(NetworkGradientTest, DerivedNetworkWithDropPathAndAuxiliaryHead) {
  const auto network = MakeNetwork(
      PlanDerived(TestCell(), {.cells = 4, .channels = 4, .image_size = 8, .auxiliary = true}));
  const NetworkData data = RandomNetworkData(*network, {4, 8, 8, 3}, 5);
  const NetworkForward<double> args{.drop_path = 0.3, .seed = 7, .step = 2};
  const auto gradients = Gradients(*network, data, args, kWeightGradients | kInputGradients);
  ASSERT_TRUE(gradients.ok()) << gradients.status();
  ExpectGradient(*network, data, args, &NetworkData::weights, gradients->weights, 11);
  ExpectGradient(*network, data, args, &NetworkData::images, gradients->images, 11);
  // The head's weights are the last ones and most of all, so that the network's are looked at by
  // themselves too.
  const int64_t head = network->weights().Find("auxiliary.edge_0_1.head.conv1.weight").value();
  const auto loss = [&](const std::vector<double>& first) {
    NetworkData moved = data;
    std::copy(first.begin(), first.end(), moved.weights.begin());
    return Loss(*network, moved, args).value();
  };
  EXPECT_EQ(CheckGradient(loss, {data.weights.begin(), data.weights.begin() + head},
                          absl::MakeSpan(gradients->weights.data(), head),
                          SomeCoordinates(head, 21), kSmallStep),
            absl::OkStatus());
}

TEST(NetworkGradientTest, ImageNetStem) {
  const auto network = MakeNetwork(PlanDerived(
      TestCell(), {.cells = 3, .channels = 4, .image_size = 32, .stem = NetworkSpec::IMAGENET}));
  const NetworkData data = RandomNetworkData(*network, {3, 32, 32, 3}, 8);
  const auto gradients = Gradients(*network, data, {}, kWeightGradients | kInputGradients);
  ASSERT_TRUE(gradients.ok()) << gradients.status();
  ExpectGradient(*network, data, {}, &NetworkData::weights, gradients->weights, 31);
  ExpectGradient(*network, data, {}, &NetworkData::images, gradients->images, 11);
}

TEST(NetworkGradientTest, GradientsAreAddedAndFewerMayBeAskedForThanKept) {
  const auto network = MakeNetwork(PlanSupernet(DartsSpace(), 1, 4, 3));
  const NetworkData data = RandomNetworkData(*network, {2, 8, 8, 3}, 9);
  const NetworkGradients gradients = Gradients(*network, data, {}, kAll).value();
  NetworkOutputs<double> outputs;
  ASSERT_EQ(network->Forward(
                {data.images.data(), data.shape},
                {.weights = data.weights.data(), .alphas = data.alphas.data(), .gradients = kAll},
                &outputs),
            absl::OkStatus());
  std::vector<double> found(data.alphas.size(), 5.0), expected, bounds;
  for (const double value : gradients.alphas) {
    expected.push_back(5.0 + value);
    // The same graph differentiated in part: every sum in the same order, one more rounding.
    bounds.push_back(ErrorBound(100, 5.0 + std::abs(value), kDoubleEpsilon));
  }
  ASSERT_EQ(network->Backward({.representation = data.representation_gradient.data(),
                               .gradients = kAlphaGradients,
                               .alpha_gradients = found.data()}),
            absl::OkStatus());
  EXPECT_EQ(Compare<double>(found, expected, bounds), absl::OkStatus());
}

// What production runs, beside what the other tests look at.
TEST(NetworkGradientTest, FloatIsDoubleRounded) {
  const NetworkPlan plan = PlanSupernet(DartsSpace(), 1, 4, 3).value();
  const auto network = MakeNetwork(plan);
  const NetworkData data = RandomNetworkData(*network, {2, 8, 8, 3}, 4);
  const NetworkGradients expected = Gradients(*network, data, {}, kAlphaGradients).value();
  auto single = Network<float>::Create(plan, *MakeReferenceEngine<float>()).value();
  const auto rounded = [](const std::vector<double>& values) {
    return std::vector<float>(values.begin(), values.end());
  };
  const std::vector<float> images = rounded(data.images), weights = rounded(data.weights),
                           alphas = rounded(data.alphas),
                           seed = rounded(data.representation_gradient);
  NetworkOutputs<float> outputs;
  ASSERT_EQ(single->Forward(
                {images.data(), data.shape},
                {.weights = weights.data(), .alphas = alphas.data(), .gradients = kAlphaGradients},
                &outputs),
            absl::OkStatus());
  std::vector<float> found(alphas.size(), 0.0f);
  ASSERT_EQ(single->Backward({.representation = seed.data(),
                              .gradients = kAlphaGradients,
                              .alpha_gradients = found.data()}),
            absl::OkStatus());
  double largest = 0;
  for (const double value : expected.alphas) largest = std::max(largest, std::abs(value));
  // Ten norms and convolutions behind one another, with sums of some 10² terms each.
  EXPECT_EQ(Compare<float>(found, expected.alphas, 1e4 * kFloatEpsilon * largest),
            absl::OkStatus());
}

}  // namespace
}  // namespace ssnas
