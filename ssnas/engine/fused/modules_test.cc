// Cells that hold modules: the rest on the fused engine, the modules on libtorch.
#include <ATen/ops/relu.h>
#include <gtest/gtest.h>
#include <torch/nn/module.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/conv.h>

#include <memory>
#include <utility>
#include <vector>

#include "ssnas/core/testing/compare.h"
#include "ssnas/core/thread_pool.h"
#include "ssnas/engine/fused/fused_engine.h"
#include "ssnas/engine/reference/reference_engine.h"
#include "ssnas/engine/testing/block_checks.h"
#include "ssnas/engine/testing/block_runner.h"
#include "ssnas/ops/nn_module.h"

namespace ssnas {
namespace {

// Parameters of every kind, running statistics, a ReLU inside.
class Grouped : public torch::nn::Module {
 public:
  Grouped(int64_t channels, int64_t groups, int64_t stride)
      : conv_(torch::nn::Conv2dOptions(channels, channels, 3)
                  .groups(groups)
                  .stride(stride)
                  .padding(1)),
        norm_(channels) {
    register_module("conv", conv_);
    register_module("norm", norm_);
  }
  at::Tensor forward(const at::Tensor& x) { return norm_->forward(conv_->forward(at::relu(x))); }
  int64_t MultiplyAdds(const Shape4& input) const { return input.count(); }

 private:
  torch::nn::Conv2d conv_;
  torch::nn::BatchNorm2d norm_;
};

constexpr int64_t kChannels = 4;

std::shared_ptr<const Module> MakeGrouped(int64_t groups, int64_t stride) {
  return *MakeNnModule<Grouped>(kChannels, groups, stride);
}

CandidatePlan Convolution(int stride) {
  RecipeBuilder b(kChannels);
  int x = b.Depthwise("depthwise", b.Relu(b.Input()), 3, stride, 1, 1);
  x = b.BatchNorm("norm", b.Pointwise("pointwise", x, kChannels), false);
  return {"convolution", std::move(b).Build(x)};
}

// Reads the edge's state itself, and its value is a term itself.
CandidatePlan Alone(int stride) {
  RecipeBuilder b(kChannels);
  const int x = b.Module("net", b.Input(), MakeGrouped(1, stride), kChannels, stride);
  return {"alone", std::move(b).Build(x)};
}

// Stands between norms: reads one, and one normalises its value.
CandidatePlan BetweenNorms(int stride) {
  RecipeBuilder b(kChannels);
  int x = b.BatchNorm("norm1", b.Pointwise("pointwise", b.Input(), kChannels, stride), true);
  x = b.Relu(b.Module("net", b.Relu(x), MakeGrouped(kChannels, 1), kChannels));
  return {"between_norms", std::move(b).Build(b.BatchNorm("norm2", x, true))};
}

// Two modules, the first of which a pool, a convolution and the second read.
CandidatePlan Several(int stride) {
  RecipeBuilder b(kChannels);
  const int first = b.Module("first", b.Input(), MakeGrouped(2, stride), kChannels, stride);
  const int second = b.Module("second", first, MakeGrouped(1, 1), kChannels);
  const int pool = b.MaxPool(first, 3, 1, 1);
  const int whole = b.Concat({b.Relu(first), second, pool});
  return {"several", std::move(b).Build(b.Conv("conv", whole, kChannels, 3, 1, 1))};
}

CandidatePlan Skip() {
  RecipeBuilder b(kChannels);
  return {"skip", std::move(b).Build(b.Input())};
}

// Two inputs, two nodes; the second node's last edge comes from the first.
BlockPlan Cell(int stride) {
  BlockPlan plan{.name = "cell", .inputs = 2, .concat = {2, 3}};
  const auto edge = [](int from, int row, int s) {
    EdgePlan planned{.from = from, .mixture_row = row, .drop_path = true};
    planned.candidates = {Convolution(s), Alone(s), BetweenNorms(s), Several(s)};
    planned.candidates.push_back(s == 1 ? Skip() : Alone(s));
    return planned;
  };
  plan.nodes.push_back({{edge(0, 0, stride), edge(1, 1, stride)}});
  plan.nodes.push_back({{edge(1, 2, stride), edge(2, 3, 1)}});
  return plan;
}

BlockData Data(const BlockPlan& plan, uint64_t seed) {
  return RandomBlockData(plan, {{5, 7, 6, kChannels}, {5, 7, 6, kChannels}}, seed);
}

std::unique_ptr<Engine<float>> Fused(FusedEngineOptions options = {}) {
  options.modules = MakeReferenceEngine<float>({.threads = 1});
  return MakeFusedEngine(std::move(options));
}

void ExpectSameBits(const absl::StatusOr<NamedTensors>& got, const NamedTensors& expected) {
  ASSERT_TRUE(got.ok()) << got.status();
  for (const auto& [name, values] : expected) {
    EXPECT_EQ(CompareBits<double>(got->at(name), values), absl::OkStatus()) << name;
  }
}

// How far float32 can be from it, libtorch's own says.
void ExpectClose(const BlockPlan& plan, const BlockData& data, NormMode norm) {
  const auto exact = MakeReferenceEngine<double>();
  const auto eager =
      StepError(*MakeReferenceEngine<float>({.threads = 1}), *exact, plan, data, norm);
  const auto fused = StepError(*Fused(), *exact, plan, data, norm);
  ASSERT_TRUE(eager.ok() && fused.ok()) << eager.status() << fused.status();
  EXPECT_LE(eager->error, 1e-3) << eager->tensor;                     // tolerance: float32
  EXPECT_LE(fused->error, 1e-5 + 3 * eager->error) << fused->tensor;  // tolerance: see above
}

TEST(ModulesTest, CellsAreThoseOfLibtorchInFloat64) {
  for (const int stride : {1, 2}) {
    const BlockPlan plan = Cell(stride);
    BlockData data = Data(plan, 1);
    for (const NormMode norm : {NormMode::kBatch, NormMode::kBatchAndUpdate, NormMode::kRunning}) {
      SCOPED_TRACE(testing::Message()
                   << "stride " << stride << ", norm " << static_cast<int>(norm));
      ExpectClose(plan, data, norm);
    }
    for (int i = 0; i < plan.EdgeCount() * 5; ++i) data.drop_path.push_back(i % 3 == 0 ? 0 : 1.5);
    ExpectClose(plan, data, NormMode::kBatch);
  }
}

TEST(ModulesTest, NeitherThreadsNorRecomputationChangeABit) {
  const BlockPlan plan = Cell(2);
  const BlockData data = Data(plan, 2);
  const NamedTensors expected =
      *StepTensors<float>(*Fused(), plan, data, NormMode::kBatchAndUpdate);
  for (const int threads : {2, 3}) {
    ThreadPool pool(threads);
    ExpectSameBits(StepTensors<float>(*Fused({.parallel_for = pool.parallel_for()}), plan, data,
                                      NormMode::kBatchAndUpdate),
                   expected);
  }
  for (const Recompute recompute : kRecomputeLevels) {
    SCOPED_TRACE(RecomputeName(recompute));
    ExpectSameBits(
        StepTensors<float>(*Fused({.recompute = recompute}), plan, data, NormMode::kBatchAndUpdate),
        expected);
  }
}

TEST(ModulesTest, OnlyWhatIsAskedForIsComputed) {
  const BlockPlan plan = Cell(1);
  const BlockData data = Data(plan, 3);
  const NamedTensors all = *StepTensors<float>(*Fused(), plan, data, NormMode::kBatch);
  for (unsigned mask = 1; mask < kAllGradients; ++mask) {
    SCOPED_TRACE(mask);
    NamedTensors expected = all;
    for (auto& [name, values] : expected) {
      if (name == "output" || name == "running statistics") continue;
      const unsigned kind = name == "mixture"             ? kAlphaGradients
                            : name.rfind("input", 0) == 0 ? kInputGradients
                                                          : kWeightGradients;
      if (!(mask & kind)) values.assign(values.size(), 0.0);
    }
    ExpectSameBits(StepTensors<float>(*Fused(), plan, data, NormMode::kBatch, mask), expected);
  }
}

TEST(ModulesTest, MemoryCountsThoseOfModules) {
  const BlockPlan plan = Cell(1);
  const Shape4 input{5, 7, 6, kChannels};
  const auto memory = Fused()->Memory(plan, {input, input});
  ASSERT_TRUE(memory.ok()) << memory.status();
  BlockPlan without = plan;
  for (NodePlan& node : without.nodes) {
    for (EdgePlan& edge : node.edges) edge.candidates = {Convolution(1), Skip()};
  }
  EXPECT_GT(memory->kept, MakeFusedEngine({})->Memory(without, {input, input})->kept +
                              12 * input.count() * static_cast<int64_t>(sizeof(float)));
}

TEST(ModulesTest, RefusesThemWithoutAnEngineForThem) {
  const BlockPlan plan = Cell(1);
  const auto made = BlockRunner<float>::Create(*MakeFusedEngine({}), plan, Data(plan, 4));
  EXPECT_EQ(made.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(made.status().message(),
            "block 'cell' has a module, 'net', and this engine has none that runs modules "
            "(FusedEngineOptions)");
}

// Gives another shape than its recipe says.
TEST(ModulesTest, AWrongShapeIsAnErrorThatNamesTheModule) {
  RecipeBuilder b(kChannels);
  const int x = b.Module("net", b.Input(), MakeGrouped(1, 2), kChannels, /*stride=*/1);
  BlockPlan plan{.name = "cell", .concat = {1}};
  plan.nodes.push_back({{{.candidates = {{"wrong", std::move(b).Build(x)}}}}});
  const auto engine = Fused();
  const auto runner =
      *BlockRunner<float>::Create(*engine, plan, RandomBlockData(plan, {{2, 8, 8, kChannels}}, 5));
  const absl::Status status = runner->Forward(NormMode::kBatch, kNoGradients);
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_NE(status.message().find("module 'net' gives [2, 4, 4, 4] for an input of [2, 4, 8, 8]"),
            std::string::npos)
      << status;
}

}  // namespace
}  // namespace ssnas
