// A search on the checked engine: ssnas/engine/checked/checked_engine.h.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ssnas/core/exit_code.h"
#include "ssnas/core/philox.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/engine/checked/checked_engine.h"
#include "ssnas/engine/fused/fused_engine.h"
#include "ssnas/networks/darts_space.h"
#include "ssnas/networks/network_plan.h"
#include "ssnas/training/model.h"
#include "ssnas/training/search_step.h"

namespace ssnas {
namespace {

using ::testing::HasSubstr;

constexpr Shape4 kImages = {8, 8, 8, 3};

std::vector<float> Normal(int64_t count, uint64_t key, double spread) {
  Philox random({.seed = key, .purpose = Purpose::kTest});
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(spread * random.Normal());
  return values;
}

struct Searched {
  std::vector<float> weights, alphas;
};

// Some steps of a search of 2 cells and 4 channels, and a look at what it would represent.
absl::StatusOr<Searched> Search(Engine<float>& engine, int steps) {
  SSNAS_ASSIGN_OR_RETURN(NetworkPlan plan, PlanSupernet(DartsSpace(), 2, 4, kImages.c));
  const int64_t alphas = 2 * plan.mixture_rows * plan.mixture_columns;
  PluginSpec objective;
  objective.set_name("nt_xent");
  SSNAS_ASSIGN_OR_RETURN(const auto model,
                         Model::Create(std::move(plan), engine, objective, 10, 1, SerialFor));
  SearchState state{.alphas = Normal(alphas, 1, 1e-3)};
  state.adam_m.resize(alphas);
  state.adam_v.resize(alphas);
  state.velocity.resize(model->weights().size());
  for (int step = 0; step < steps; ++step) {
    const std::vector<float> first = Normal(kImages.count(), 10 + step, 1);
    const std::vector<float> second = Normal(kImages.count(), 20 + step, 1);
    SSNAS_RETURN_IF_ERROR(SearchStep(SearchSpec(), 0.025, {.images = {first.data(), kImages}},
                                     {.images = {second.data(), kImages}}, *model, state)
                              .status());
  }
  return Searched{model->weights(), state.alphas};
}

// The fused engine, but for a gradient of this tensor that is 3 % too large.
class WrongBlock : public Block<float> {
 public:
  WrongBlock(std::unique_ptr<Block<float>> block, int64_t offset, int64_t count)
      : block_(std::move(block)), offset_(offset), count_(count) {}
  absl::Status Forward(const ForwardArgs<float>& args, View4<float> output) override {
    return block_->Forward(args, output);
  }
  absl::Status Backward(const BackwardArgs<float>& args) override {
    const absl::Status status = block_->Backward(args);
    if ((args.gradients & kWeightGradients) == 0) return status;
    for (int64_t i = 0; i < count_; ++i) args.weight_gradients[offset_ + i] *= 1.03F;
    return status;
  }

 private:
  const std::unique_ptr<Block<float>> block_;
  const int64_t offset_, count_;
};

class WrongEngine : public Engine<float> {
 public:
  WrongEngine(std::string block, std::string tensor, DecisionTrace* record)
      : block_(std::move(block)),
        tensor_(std::move(tensor)),
        engine_(MakeFusedEngine({.record = record})) {}
  std::string name() const override { return "wrong"; }
  absl::StatusOr<BlockMemory> Memory(const BlockPlan& plan,
                                     const std::vector<Shape4>& inputs) const override {
    return engine_->Memory(plan, inputs);
  }
  absl::StatusOr<std::unique_ptr<Block<float>>> Build(
      const BlockPlan& plan, const ParameterLayout& weights,
      const ParameterLayout& running_statistics) override {
    SSNAS_ASSIGN_OR_RETURN(auto block, engine_->Build(plan, weights, running_statistics));
    if (plan.name != block_) return block;
    SSNAS_ASSIGN_OR_RETURN(const int64_t offset, weights.Find(tensor_));
    // Of 16 × 16 channels.
    return std::unique_ptr<Block<float>>(new WrongBlock(std::move(block), offset, 256));
  }

 private:
  const std::string block_, tensor_;
  const std::unique_ptr<Engine<float>> engine_;
};

TEST(CheckedSearchTest, ASearchAgreesAndIsTheTestedEnginesBitByBit) {
  const auto checked =
      MakeCheckedEngine([](DecisionTrace* record) { return MakeFusedEngine({.record = record}); });
  const absl::StatusOr<Searched> found = Search(*checked, 3);
  ASSERT_TRUE(found.ok()) << found.status();
  const Searched plain = *Search(*MakeFusedEngine({}), 3);
  EXPECT_EQ(found->weights, plain.weights);
  EXPECT_EQ(found->alphas, plain.alphas);
}

TEST(CheckedSearchTest, AWrongGradientIsNamed) {
  const std::string tensor = "cells.1.edge_2_4.sep_conv_3x3.pointwise1.weight";
  const auto checked = MakeCheckedEngine([&](DecisionTrace* record) {
    return std::unique_ptr<Engine<float>>(new WrongEngine("cells.1", tensor, record));
  });
  const absl::Status status = Search(*checked, 1).status();
  EXPECT_EQ(ExitCode(status), 6);
  // The second pass is the weight step's.
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("engine check: block 'cells.1', backward pass 2: the gradient of '" +
                        tensor + "' is 0.03 from the float64 reference, more than 0.0001."));
}

TEST(CheckedSearchTest, OutputsAreComparedWhereNoGradientsAreAskedFor) {
  // No engine rounds that little.
  const auto checked = MakeCheckedEngine(
      [](DecisionTrace* record) { return MakeFusedEngine({.record = record}); }, /*bound=*/1e-12);
  const NetworkPlan plan = *PlanSupernet(DartsSpace(), 2, 4, kImages.c);
  PluginSpec objective;
  objective.set_name("nt_xent");
  const auto model = *Model::Create(plan, *checked, objective, 10, 1, SerialFor);
  const std::vector<float> images = Normal(kImages.count(), 1, 1);
  const std::vector<float> alphas(2 * plan.mixture_rows * plan.mixture_columns);
  const absl::Status status =
      model->Pass({.images = {images.data(), kImages}, .alphas = alphas.data()}).status();
  EXPECT_THAT(std::string(status.message()), HasSubstr("forward pass 1: the output is "));
}

}  // namespace
}  // namespace ssnas
