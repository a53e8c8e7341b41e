// The unrolled gradient against functions whose derivatives are known, and against a tiny supernet
// whose mixed second derivatives are taken one by one in float64.
#include "ssnas/search/unrolled_gradient.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <vector>

#include "ssnas/engine/reference/reference_engine.h"
#include "ssnas/networks/network.h"
#include "ssnas/networks/network_plan.h"
#include "ssnas/networks/testing/network_data.h"
#include "ssnas/proto/experiment.pb.h"

namespace ssnas {
namespace {

using Values = std::vector<double>;

constexpr UnrolledStep kStep = {.learning_rate = 0.1, .momentum = 0.9, .weight_decay = 0.01};

double Norm(const Values& values) {
  double sum = 0;
  for (const double value : values) sum += value * value;
  return std::sqrt(sum);
}

double Distance(Values a, const Values& b) {
  for (size_t i = 0; i < a.size(); ++i) a[i] -= b[i];
  return Norm(a) / Norm(b);
}

// L_weight = α² · sin(w), L_alpha = α · w²: one weight, one alpha.
TEST(UnrolledGradientTest, OfAFunctionWithKnownDerivatives) {
  Values weights = {0.3}, gradient = {7};
  const Values velocity = {0.2};
  const double w = weights[0], alpha = 0.7;
  const HalfGradients<double> weight_half = [&](double* by_weight, double* by_alpha) {
    if (by_weight != nullptr) *by_weight = alpha * alpha * std::cos(weights[0]);
    if (by_alpha != nullptr) *by_alpha = 2 * alpha * std::sin(weights[0]);
    return absl::OkStatus();
  };
  const HalfGradients<double> alpha_half = [&](double* by_weight, double* by_alpha) {
    if (by_weight != nullptr) *by_weight = 2 * alpha * weights[0];
    if (by_alpha != nullptr) *by_alpha = weights[0] * weights[0];
    return absl::OkStatus();
  };
  UnrolledStep step = kStep;
  step.reach = 1e-4;
  ASSERT_EQ(UnrolledAlphaGradient<double>(step, weight_half, alpha_half, velocity,
                                          absl::MakeSpan(weights), absl::MakeSpan(gradient)),
            absl::OkStatus());
  EXPECT_EQ(weights, Values({w}));
  const double unrolled = w - 0.1 * (0.9 * velocity[0] + alpha * alpha * std::cos(w) + 0.01 * w);
  const double exact = unrolled * unrolled - 0.1 * 2 * alpha * std::cos(w) * 2 * alpha * unrolled;
  // The central difference of a sine over 1e-4: a relative 1e-8 / 6.
  EXPECT_NEAR(gradient[0], exact, 1e-8);  // tolerance: the line above
}

TEST(UnrolledGradientTest, NothingToUnrollIsFirstOrder) {
  Values weights = {0.3}, gradient = {0};
  const Values velocity = {0};
  int passes = 0;
  const HalfGradients<double> weight_half = [&](double* by_weight, double*) {
    ++passes;
    *by_weight = 1;
    return absl::OkStatus();
  };
  const HalfGradients<double> alpha_half = [&](double* by_weight, double* by_alpha) {
    *by_weight = 0;  // the loss does not know the weights
    *by_alpha = 5;
    return absl::OkStatus();
  };
  ASSERT_EQ(UnrolledAlphaGradient<double>(kStep, weight_half, alpha_half, velocity,
                                          absl::MakeSpan(weights), absl::MakeSpan(gradient)),
            absl::OkStatus());
  EXPECT_EQ(gradient, Values({5}));
  EXPECT_EQ(passes, 1);
}

TEST(UnrolledGradientTest, AnErrorLeavesTheWeightsAsTheyWere) {
  for (int failing = 1; failing <= 4; ++failing) {
    Values weights = {0.1, -0.7}, gradient = {0};
    int passes = 0;
    const HalfGradients<double> half = [&](double* by_weight, double* by_alpha) -> absl::Status {
      if (++passes == failing) return absl::InternalError("no");
      if (by_weight != nullptr) by_weight[0] = by_weight[1] = 1;
      if (by_alpha != nullptr) *by_alpha = 1;
      return absl::OkStatus();
    };
    const absl::Status status = UnrolledAlphaGradient<double>(
        kStep, half, half, Values{0, 0}, absl::MakeSpan(weights), absl::MakeSpan(gradient));
    EXPECT_EQ(status.message(), "no");
    EXPECT_EQ(passes, failing);
    EXPECT_EQ(weights, Values({0.1, -0.7}));
  }
}

// One node of four candidates, one of them a convolution: few enough weights for a matrix.
SearchSpace SmallSpace() {
  SearchSpace space;
  space.set_nodes(1);
  for (const char* name : {"none", "skip_connect", "max_pool_3x3", "dil_conv_3x3"}) {
    space.add_candidate()->set_name(name);
  }
  return space;
}

// Two halves of a supernet of one cell on images of 4×4.
class SupernetTest : public testing::Test {
 protected:
  SupernetTest() {
    SetReferenceThreads(1);
    weight_data_ = RandomNetworkData(*network_, {3, 4, 4, 3}, 1);
    alpha_data_ = RandomNetworkData(*network_, {3, 4, 4, 3}, 2);
    alpha_data_.alphas = weight_data_.alphas;
    weights_ = weight_data_.weights;
    for (size_t i = 0; i < weights_.size(); ++i) velocity_.push_back(std::sin(1.0 + i));
  }

  HalfGradients<double> Half(NetworkData* data) {
    return [this, data](double* by_weight, double* by_alpha) -> absl::Status {
      data->weights = weights_;
      const unsigned mask = (by_weight != nullptr ? kWeightGradients : 0u) |
                            (by_alpha != nullptr ? kAlphaGradients : 0u);
      SSNAS_ASSIGN_OR_RETURN(const NetworkGradients found, Gradients(*network_, *data, {}, mask));
      if (by_weight != nullptr) std::copy(found.weights.begin(), found.weights.end(), by_weight);
      if (by_alpha != nullptr) std::copy(found.alphas.begin(), found.alphas.end(), by_alpha);
      return absl::OkStatus();
    };
  }

  Values AlphasOf(NetworkData* data) {
    Values found(alpha_data_.alphas.size());
    EXPECT_EQ(Half(data)(nullptr, found.data()), absl::OkStatus());
    return found;
  }

  // With the matrix of second derivatives, a column a weight.
  Values Exact(const UnrolledStep& step) {
    const Values before = weights_;
    Values by_weight(before.size()), gradient(alpha_data_.alphas.size());
    EXPECT_EQ(Half(&weight_data_)(by_weight.data(), nullptr), absl::OkStatus());
    for (size_t i = 0; i < before.size(); ++i) {
      weights_[i] -= step.learning_rate *
                     (step.momentum * velocity_[i] + by_weight[i] + step.weight_decay * before[i]);
    }
    EXPECT_EQ(Half(&alpha_data_)(by_weight.data(), gradient.data()), absl::OkStatus());
    constexpr double kReach = 1e-6;
    for (size_t i = 0; i < before.size(); ++i) {
      weights_ = before;
      weights_[i] = before[i] + kReach;
      const Values ahead = AlphasOf(&weight_data_);
      weights_[i] = before[i] - kReach;
      const Values behind = AlphasOf(&weight_data_);
      for (size_t a = 0; a < gradient.size(); ++a) {
        gradient[a] -= step.learning_rate * by_weight[i] * (ahead[a] - behind[a]) / (2 * kReach);
      }
    }
    weights_ = before;
    return gradient;
  }

  Values Unrolled(const UnrolledStep& step) {
    Values gradient(alpha_data_.alphas.size());
    EXPECT_EQ(
        UnrolledAlphaGradient<double>(step, Half(&weight_data_), Half(&alpha_data_), velocity_,
                                      absl::MakeSpan(weights_), absl::MakeSpan(gradient)),
        absl::OkStatus());
    return gradient;
  }

  std::unique_ptr<Network<double>> network_ =
      Network<double>::Create(PlanSupernet(SmallSpace(), 1, 4, 3).value(),
                              *MakeReferenceEngine<double>())
          .value();
  NetworkData weight_data_, alpha_data_;
  Values weights_, velocity_;
};

TEST_F(SupernetTest, IsThatOfTheMatrixOfSecondDerivatives) {
  UnrolledStep step = {.learning_rate = 0.01, .momentum = 0.9, .weight_decay = 3e-4};
  const Values exact = Exact(step);
  const Values before = weights_;
  step.reach = 1e-5;  // no ReLU or maximum changes its mind on the way
  EXPECT_LE(Distance(Unrolled(step), exact), 1e-5);
  EXPECT_EQ(weights_, before);
  // What unrolling adds is not small here, so that the test would notice its absence.
  step.learning_rate = 0;
  EXPECT_GT(Distance(Unrolled(step), exact), 1e-2);
}

// DARTS' reach of 0.01 crosses ReLUs and maxima that change their minds; a shorter one fewer.
TEST_F(SupernetTest, AShorterReachIsNearer) {
  UnrolledStep step = {.learning_rate = 0.01, .momentum = 0.9, .weight_decay = 3e-4};
  const Values exact = Exact(step);
  const double darts = Distance(Unrolled(step), exact);
  step.reach = 1e-3;
  EXPECT_LT(Distance(Unrolled(step), exact), darts);
  EXPECT_LT(darts, 0.3);  // found: 0.15
}

}  // namespace
}  // namespace ssnas
