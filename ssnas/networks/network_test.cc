// What the network asks of its blocks, seen from an engine that only writes it down.
#include "ssnas/networks/network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ssnas/core/testing/compare.h"
#include "ssnas/networks/darts_space.h"
#include "ssnas/networks/genotype.h"
#include "ssnas/networks/pooling.h"

namespace ssnas {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr unsigned kW = kWeightGradients, kA = kAlphaGradients, kI = kInputGradients;

struct Record {
  int forwards = 0, backwards = 0;
  unsigned forward_mask = 0, backward_mask = 0;
  std::vector<bool> wanted;       // inputs whose gradient Backward was given memory for
  std::vector<double> drop_path;  // of the latest Forward; empty: none
  const double* mixture = nullptr;
  bool output_aligned = false;
  bool inputs_intact = false;  // Backward found the inputs of Forward in their place
  std::vector<bool> begins;    // inputs whose gradient Backward was to begin
};

// Outputs 1 everywhere; adds 1 to every gradient it is asked for.
class RecordingBlock : public Block<double> {
 public:
  RecordingBlock(BlockPlan plan, Record* record) : plan_(std::move(plan)), record_(record) {}

  absl::Status Forward(const ForwardArgs<double>& args, View4<double> output) override {
    ++record_->forwards;
    record_->forward_mask = args.gradients;
    record_->mixture = args.mixture;
    record_->output_aligned = reinterpret_cast<uintptr_t>(output.data) % 64 == 0;
    record_->drop_path.clear();
    if (args.drop_path != nullptr) {
      const int64_t scales = plan_.EdgeCount() * output.shape.n;
      record_->drop_path.assign(args.drop_path, args.drop_path + scales);
    }
    inputs_ = args.inputs;
    copies_.clear();
    for (const View4<const double>& input : inputs_) {
      copies_.emplace_back(input.data, input.data + input.shape.count());
    }
    for (int64_t i = 0; i < output.shape.count(); ++i) output.data[i] = 1;
    return absl::OkStatus();
  }

  absl::Status Backward(const BackwardArgs<double>& args) override {
    ++record_->backwards;
    record_->backward_mask = args.gradients;
    record_->wanted.clear();
    record_->inputs_intact = true;
    for (size_t i = 0; i < inputs_.size(); ++i) {
      record_->inputs_intact &= std::equal(copies_[i].begin(), copies_[i].end(), inputs_[i].data);
    }
    record_->begins = args.input_gradients_begin;
    for (size_t j = 0; j < args.input_gradients.size(); ++j) {
      const View4<double>& gradient = args.input_gradients[j];
      record_->wanted.push_back(gradient.data != nullptr && (args.gradients & kI) != 0);
      if (!record_->wanted.back()) continue;
      for (int64_t i = 0; i < gradient.shape.count(); ++i) {
        gradient.data[i] = (args.Begins(static_cast<int>(j)) ? 0 : gradient.data[i]) + 1;
      }
    }
    if (args.gradients & kW) args.weight_gradients[0] += 1;
    return absl::OkStatus();
  }

 private:
  const BlockPlan plan_;
  Record* const record_;
  std::vector<View4<const double>> inputs_;  // of the latest Forward
  std::vector<std::vector<double>> copies_;
};

class RecordingEngine : public Engine<double> {
 public:
  std::string name() const override { return "recording"; }
  absl::StatusOr<BlockMemory> Memory(const BlockPlan&, const std::vector<Shape4>&) const override {
    return BlockMemory{};
  }
  absl::StatusOr<std::unique_ptr<Block<double>>> Build(const BlockPlan& plan,
                                                       const ParameterLayout&,
                                                       const ParameterLayout&) override {
    return std::unique_ptr<Block<double>>(new RecordingBlock(plan, &records[plan.name]));
  }

  std::map<std::string, Record> records;
};

class NetworkTest : public ::testing::Test {
 protected:
  void MakeSupernet() { Make(PlanSupernet(DartsSpace(), 3, 4, 3)); }
  void MakeDerived() {
    const auto cell = ParseArchitecture(
        "Genotype(normal=[('sep_conv_3x3', 0), ('skip_connect', 1)], normal_concat=[2], "
        "reduce=[('max_pool_3x3', 0), ('skip_connect', 1)], reduce_concat=[2])",
        "test");
    Make(PlanDerived(*cell, {.cells = 3, .channels = 4, .image_size = 8, .auxiliary = true}));
  }
  void Make(const absl::StatusOr<NetworkPlan>& plan) {
    ASSERT_TRUE(plan.ok()) << plan.status();
    auto network = Network<double>::Create(*plan, engine_);
    ASSERT_TRUE(network.ok()) << network.status();
    network_ = *std::move(network);
    weights_.assign(network_->weights().size(), 0);
    weight_gradients_ = weights_;
    alphas_.assign(224, 0);
    alpha_gradients_ = alphas_;
  }

  absl::Status Forward(NetworkForward<double> args, int64_t rows = 2) {
    const Shape4 shape{rows, 8, 8, 3};
    images_.assign(shape.count(), 0);
    image_gradients_ = images_;
    args.weights = weights_.data();
    args.alphas = alphas_.data();
    return network_->Forward({images_.data(), shape}, args, &outputs_);
  }
  absl::Status Backward(unsigned gradients) {
    NetworkBackward<double> args{.representation = outputs_.representation.data(),
                                 .gradients = gradients};
    if (!outputs_.auxiliary.empty()) args.auxiliary = outputs_.auxiliary.data();
    args.weight_gradients = weight_gradients_.data();
    args.alpha_gradients = alpha_gradients_.data();
    args.image_gradients = image_gradients_.data();
    return network_->Backward(args);
  }
  Record& Of(const std::string& block) { return engine_.records.at(block); }

  RecordingEngine engine_;
  std::unique_ptr<Network<double>> network_;
  std::vector<double> weights_, alphas_, images_;
  std::vector<double> weight_gradients_, alpha_gradients_, image_gradients_;
  NetworkOutputs<double> outputs_;
};

TEST_F(NetworkTest, AlphaStepAsksNothingOfTheStemNorForItsGradient) {
  MakeSupernet();
  ASSERT_EQ(Forward({.gradients = kA}), absl::OkStatus());
  ASSERT_EQ(Backward(kA), absl::OkStatus());
  EXPECT_EQ(Of("stem").forward_mask, kNoGradients);
  EXPECT_EQ(Of("stem").backwards, 0);
  EXPECT_EQ(Of("cells.0").forward_mask, kA);
  EXPECT_EQ(Of("cells.0").backward_mask, kA);
  EXPECT_EQ(Of("cells.1").backward_mask, kA | kI);
  EXPECT_THAT(Of("cells.1").wanted, ElementsAre(false, true));
  EXPECT_EQ(Of("cells.2").backward_mask, kA | kI);
  EXPECT_THAT(Of("cells.2").wanted, ElementsAre(true, true));
}

TEST_F(NetworkTest, WeightStepAsksForNoAlphaGradients) {
  MakeSupernet();
  ASSERT_EQ(Forward({.gradients = kW}), absl::OkStatus());
  ASSERT_EQ(Backward(kW), absl::OkStatus());
  EXPECT_EQ(Of("stem").backward_mask, kW);
  EXPECT_EQ(Of("cells.0").backward_mask, kW | kI);
  EXPECT_EQ(Of("cells.2").backward_mask, kW | kI);
  EXPECT_THAT(Of("cells.0").wanted, ElementsAre(true, true));
}

TEST_F(NetworkTest, InputsStayUntilBackwardAndTheFirstToAddToAGradientBeginsIt) {
  MakeSupernet();
  for (int pass = 0; pass < 2; ++pass) {
    ASSERT_EQ(Forward({.gradients = kW}), absl::OkStatus());
    ASSERT_EQ(Backward(kW), absl::OkStatus());
    for (const char* block : {"stem", "cells.0", "cells.1", "cells.2"}) {
      EXPECT_TRUE(Of(block).inputs_intact) << block;
    }
    EXPECT_THAT(Of("cells.2").begins, ElementsAre(true, true));
    EXPECT_THAT(Of("cells.1").begins, ElementsAre(true, false));
    // It reads the stem twice, and cell 1 has begun it.
    EXPECT_THAT(Of("cells.0").begins, ElementsAre(false, false));
  }
}

TEST_F(NetworkTest, ImageGradientsGoThroughEverything) {
  MakeSupernet();
  ASSERT_EQ(Forward({.gradients = kI | kA}), absl::OkStatus());
  ASSERT_EQ(Backward(kI), absl::OkStatus());
  EXPECT_EQ(Of("stem").forward_mask, kI);
  EXPECT_EQ(Of("cells.1").forward_mask, kI | kA);
  EXPECT_EQ(Of("cells.1").backward_mask, kI);
  EXPECT_EQ(image_gradients_, std::vector<double>(image_gradients_.size(), 1.0));
}

TEST_F(NetworkTest, EachKindOfCellHasItsMixture) {
  MakeSupernet();
  ASSERT_EQ(Forward({}), absl::OkStatus());
  EXPECT_EQ(Of("stem").mixture, nullptr);
  // Cells 1 and 2 are reductions.
  EXPECT_EQ(Of("cells.1").mixture - Of("cells.0").mixture, 14 * 8);
  EXPECT_EQ(Of("cells.2").mixture, Of("cells.1").mixture);
  EXPECT_TRUE(Of("cells.1").output_aligned);
}

TEST_F(NetworkTest, AuxiliaryHeadRunsOnlyInTraining) {
  MakeDerived();
  EXPECT_EQ(network_->auxiliary_size(), 768);
  EXPECT_EQ(network_->representation_size(), 16);
  ASSERT_EQ(Forward({.norm = NormMode::kRunning, .gradients = kW}), absl::OkStatus());
  ASSERT_EQ(Forward({.norm = NormMode::kBatchAndUpdate}), absl::OkStatus());
  EXPECT_EQ(Of("auxiliary").forwards, 0);
  EXPECT_TRUE(outputs_.auxiliary.empty());
  ASSERT_EQ(Forward({.gradients = kW}), absl::OkStatus());
  EXPECT_EQ(outputs_.auxiliary.size(), 2u * 768);
  ASSERT_EQ(Backward(kW), absl::OkStatus());
  EXPECT_EQ(Of("auxiliary").backward_mask, kW | kI);
  // Its loss may be left out.
  ASSERT_EQ(Forward({.gradients = kW}), absl::OkStatus());
  outputs_.auxiliary.clear();
  ASSERT_EQ(Backward(kW), absl::OkStatus());
  EXPECT_EQ(Of("auxiliary").backwards, 1);
  EXPECT_EQ(Of("stem").backwards, 2);
}

TEST_F(NetworkTest, DropPathDropsOrScalesAndIsKeyedByStepBlockAndRow) {
  MakeDerived();
  const NetworkForward<double> args{.drop_path = 0.2, .seed = 3, .step = 9};
  constexpr int64_t kRows = 500;
  ASSERT_EQ(Forward(args, kRows), absl::OkStatus());
  EXPECT_TRUE(Of("stem").drop_path.empty());
  // Two preprocessing edges, two of the node.
  const std::vector<double> first = Of("cells.0").drop_path;
  ASSERT_EQ(first.size(), 4u * kRows);
  double dropped = 0;
  for (const double scale : first) {
    EXPECT_TRUE(scale == 0 || scale == 1 / 0.8) << scale;
    dropped += scale == 0;
  }
  // Five standard deviations of 2,000 draws.
  EXPECT_LT(std::abs(dropped - 400), 5 * std::sqrt(2000 * 0.2 * 0.8));
  const std::vector<double> other_block = Of("cells.1").drop_path;
  EXPECT_NE(other_block, first);
  // The same rows, whatever comes after them.
  ASSERT_EQ(Forward(args, 2), absl::OkStatus());
  const std::vector<double>& two = Of("cells.0").drop_path;
  for (int edge = 0; edge < 4; ++edge) {
    EXPECT_EQ(two[edge * 2], first[edge * kRows]);
    EXPECT_EQ(two[edge * 2 + 1], first[edge * kRows + 1]);
  }
  for (const NetworkForward<double>& other :
       {NetworkForward<double>{.drop_path = 0.2, .seed = 3, .step = 10},
        NetworkForward<double>{.drop_path = 0.2, .seed = 4, .step = 9}}) {
    ASSERT_EQ(Forward(other, kRows), absl::OkStatus());
    EXPECT_NE(Of("cells.0").drop_path, first);
  }
  ASSERT_EQ(Forward({}), absl::OkStatus());
  EXPECT_TRUE(Of("cells.0").drop_path.empty());
}

TEST_F(NetworkTest, RefusesWhatCannotBeRun) {
  MakeSupernet();
  EXPECT_EQ(Backward(kW).code(), absl::StatusCode::kFailedPrecondition);
  ASSERT_EQ(Forward({.gradients = kW}), absl::OkStatus());
  EXPECT_EQ(Backward(kW | kA).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(network_->Backward({.representation = outputs_.representation.data(), .gradients = kW})
                .code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Backward(kW), absl::OkStatus());
  EXPECT_EQ(Backward(kW).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(Forward({.drop_path = 1}).message(), HasSubstr("drop-path probability of 1"));
  const View4<const double> grey{images_.data(), {2, 8, 8, 1}};
  EXPECT_EQ(
      network_->Forward(grey, {.weights = weights_.data(), .alphas = alphas_.data()}, &outputs_)
          .code(),
      absl::StatusCode::kInvalidArgument);
  const View4<const double> images{images_.data(), {2, 8, 8, 3}};
  EXPECT_THAT(network_->Forward(images, {.weights = weights_.data()}, &outputs_).message(),
              HasSubstr("alphas"));
  NetworkPlan broken = network_->plan();
  broken.blocks[1].inputs = {0, 2};
  EXPECT_EQ(Network<double>::Create(broken, engine_).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(MixtureWeightsTest, SoftmaxOfEachRow) {
  const double alphas[] = {0, std::log(2.0), std::log(5.0), 1000, 1000, -1000};
  const std::vector<double> mixture = MixtureWeights(alphas, 2, 3);
  // Each is an exponential, a sum of three and a quotient.
  EXPECT_EQ(Compare<double>(mixture, {0.125, 0.25, 0.625, 0.5, 0.5, 0},
                            ErrorBound(10, 1, kDoubleEpsilon)),
            absl::OkStatus());
}

TEST(PoolingTest, MeanInDoubleAndBack) {
  // 2²⁴ + 1 + 1 is lost in a float's sum; in double it is exact.
  const std::vector<float> x = {16777216, 1, 1, 2, 1, 3, -16777216, 4};
  std::vector<float> pooled(2);
  GlobalAveragePool<float>({x.data(), {1, 2, 2, 2}}, pooled.data());
  EXPECT_THAT(pooled, ElementsAre(0.5f, 2.5f));
  std::vector<float> gradient(8, 1.0f);
  GlobalAveragePoolBackward<float>(pooled.data(), {gradient.data(), {1, 2, 2, 2}});
  EXPECT_THAT(gradient,
              ElementsAre(1.125f, 1.625f, 1.125f, 1.625f, 1.125f, 1.625f, 1.125f, 1.625f));
}

}  // namespace
}  // namespace ssnas
