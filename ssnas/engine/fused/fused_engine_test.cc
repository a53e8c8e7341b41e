#include "ssnas/engine/fused/fused_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "ssnas/core/testing/compare.h"
#include "ssnas/core/thread_pool.h"
#include "ssnas/engine/decisions.h"
#include "ssnas/engine/fused/bf16_kernels.h"
#include "ssnas/engine/reference/reference_engine.h"
#include "ssnas/engine/testing/block_checks.h"
#include "ssnas/engine/testing/block_runner.h"
#include "ssnas/engine/testing/random_block.h"
#include "ssnas/networks/darts_space.h"
#include "ssnas/networks/genotype.h"
#include "ssnas/networks/network_plan.h"

namespace ssnas {
namespace {

constexpr unsigned kAll = kAllGradients;

// ‖a − r‖ / ‖r‖; of a tensor that is nothing beside the largest, ‖a − r‖ over the largest.
double RelativeError(const std::vector<double>& a, const std::vector<double>& r, double largest) {
  double difference = 0, norm = 0;
  for (size_t i = 0; i < r.size(); ++i) {
    difference += (a[i] - r[i]) * (a[i] - r[i]);
    norm += r[i] * r[i];
  }
  norm = std::sqrt(norm);
  return std::sqrt(difference) / (norm < 1e-6 * largest ? largest : norm);
}

double Norm(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value * value;
  return std::sqrt(sum);
}

struct Result {
  std::vector<std::string> names;
  std::vector<std::vector<double>> tensors;
};

template <typename T>
Result RunBlock(Engine<T>& engine, const BlockPlan& plan, const BlockData& data, NormMode norm,
                unsigned gradients = kAll) {
  auto created = BlockRunner<T>::Create(engine, plan, data);
  EXPECT_TRUE(created.ok()) << created.status();
  BlockRunner<T>& runner = **created;
  EXPECT_EQ(runner.Forward(norm, gradients), absl::OkStatus());
  const std::vector<double> statistics = runner.running_statistics();
  // Of the caller's memory, the inputs alone are needed after Forward.
  runner.PoisonParameters();
  EXPECT_EQ(runner.Backward(gradients), absl::OkStatus());
  EXPECT_EQ(runner.Check(), absl::OkStatus());
  Result result;
  const auto add = [&](const std::string& name, std::vector<double> values) {
    result.names.push_back(name);
    result.tensors.push_back(std::move(values));
  };
  add("output", runner.output());
  add("running statistics", statistics);
  add("mixture", runner.mixture_gradients());
  for (size_t i = 0; i < data.inputs.size(); ++i) {
    add("input " + std::to_string(i), runner.input_gradients(static_cast<int>(i)));
  }
  const std::vector<double> weights = runner.weight_gradients();
  for (size_t i = 0; i < runner.weight_layout().specs().size(); ++i) {
    const auto first = weights.begin() + runner.weight_layout().offset(static_cast<int>(i));
    const ParameterSpec& spec = runner.weight_layout().specs()[i];
    add(spec.name, std::vector<double>(first, first + spec.count()));
  }
  return result;
}

// The largest error of a gradient, or of output and statistics, and whose it is.
std::pair<double, std::string> Worst(const Result& got, const Result& expected) {
  double largest = 0;
  for (size_t i = 2; i < expected.tensors.size(); ++i) {
    largest = std::max(largest, Norm(expected.tensors[i]));
  }
  std::pair<double, std::string> worst = {0, "none"};
  for (size_t i = 0; i < expected.tensors.size(); ++i) {
    if (Norm(expected.tensors[i]) + Norm(got.tensors[i]) == 0) continue;
    const double error = RelativeError(got.tensors[i], expected.tensors[i],
                                       i < 2 ? Norm(expected.tensors[i]) : largest);
    if (!(error <= worst.first)) worst = {error, got.names[i]};
  }
  return worst;
}

void ExpectSameBits(const Result& got, const Result& expected) {
  for (size_t i = 0; i < expected.tensors.size(); ++i) {
    EXPECT_EQ(CompareBits<double>(got.tensors[i], expected.tensors[i]), absl::OkStatus())
        << got.names[i];
  }
}

struct Errors {
  double fused;
  double allowed;
  std::string tensor;
};

// The worst tensor against libtorch in float64. Norms over few pixels make some blocks much more
// sensitive than others: how much, libtorch's own float32 says.
Errors Measure(const BlockPlan& plan, const BlockData& data, NormMode norm) {
  SetReferenceThreads(1);
  const Result exact = RunBlock<double>(*MakeReferenceEngine<double>(), plan, data, norm);
  const Result eager = RunBlock<float>(*MakeReferenceEngine<float>(), plan, data, norm);
  const auto [error, tensor] =
      Worst(RunBlock<float>(*MakeFusedEngine({}), plan, data, norm), exact);
  return {error, 1e-5 + 3 * Worst(eager, exact).first, tensor};  // tolerance: see above
}

void ExpectClose(const BlockPlan& plan, const BlockData& data, NormMode norm) {
  const Errors errors = Measure(plan, data, norm);
  EXPECT_LE(errors.fused, errors.allowed) << errors.tensor;
}

struct CellCase {
  BlockPlan plan;
  std::vector<Shape4> inputs;
};

// Stem and cells of a network over so many images.
std::vector<CellCase> Blocks(const NetworkPlan& plan, const Shape4& images) {
  std::vector<CellCase> cases;
  const std::vector<Shape4> shapes = plan.Shapes(images).value();
  for (const PlannedBlock& block : plan.blocks) {
    CellCase one{.plan = block.plan};
    for (const int input : block.inputs) {
      one.inputs.push_back(input == kImages ? images : shapes[input]);
    }
    cases.push_back(std::move(one));
  }
  return cases;
}

CellCase SearchCell(int channels, const Shape4& images, int block) {
  return Blocks(PlanSupernet(DartsSpace(), 3, channels, images.c).value(), images)[block];
}

TEST(FusedEngineTest, BlocksOfASupernetAreThoseOfLibtorch) {
  for (const int channels : {4, 8, 12, 16}) {
    // Blocks 2 and 3 are reduction cells.
    for (int block = 0; block < 4; ++block) {
      SCOPED_TRACE(testing::Message() << "block " << block << ", " << channels << " channels");
      const CellCase cell = SearchCell(channels, {4, 16, 16, 3}, block);
      ExpectClose(cell.plan, RandomBlockData(cell.plan, cell.inputs, 1), NormMode::kBatchAndUpdate);
    }
  }
}

TEST(FusedEngineTest, OddSizesAndSingleImages) {
  for (const Shape4& images : {Shape4{1, 13, 9, 3}, Shape4{3, 9, 15, 1}, Shape4{9, 8, 8, 3}}) {
    for (int block = 0; block < 4; ++block) {
      SCOPED_TRACE(testing::Message() << "block " << block << ", height " << images.h);
      const CellCase cell = SearchCell(5, images, block);
      ExpectClose(cell.plan, RandomBlockData(cell.plan, cell.inputs, 2), NormMode::kBatch);
    }
  }
}

TEST(FusedEngineTest, BlocksOfADerivedNetworkAreThoseOfLibtorch) {
  const Architecture genotype = *ParseArchitecture(
      "Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_5x5', 1), ('dil_conv_3x3', 0), "
      "('skip_connect', 2), ('max_pool_3x3', 0), ('avg_pool_3x3', 3), ('skip_connect', 1), "
      "('dil_conv_5x5', 4)], normal_concat=[2, 3, 4, 5], reduce=[('max_pool_3x3', 0), "
      "('skip_connect', 1), ('sep_conv_3x3', 0), ('skip_connect', 2), ('avg_pool_3x3', 1), "
      "('dil_conv_3x3', 3), ('skip_connect', 2), ('sep_conv_5x5', 0)], "
      "reduce_concat=[2, 3, 4, 5])",
      "genotype");
  const NetworkPlan plan =
      PlanDerived(genotype, {.cells = 3, .channels = 6, .image_size = 16, .auxiliary = true})
          .value();
  for (const CellCase& cell : Blocks(plan, {4, 16, 16, 3})) {
    SCOPED_TRACE(cell.plan.name);
    BlockData data = RandomBlockData(cell.plan, cell.inputs, 3);
    ExpectClose(cell.plan, data, NormMode::kBatchAndUpdate);
    ExpectClose(cell.plan, data, NormMode::kRunning);
    for (int64_t i = 0; i < cell.plan.EdgeCount() * 4; ++i) {
      data.drop_path.push_back(i % 3 == 0 ? 0.0 : 1.5);
    }
    ExpectClose(cell.plan, data, NormMode::kBatch);
  }
}

TEST(FusedEngineTest, RandomBlocksAreThoseOfPlainLoopsAndLibtorch) {
  int ties = 0;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    const RandomBlock block = DrawBlock(seed);
    SCOPED_TRACE(seed);
    const NormMode norm = seed % 4 == 0 ? NormMode::kRunning : NormMode::kBatch;
    EXPECT_EQ(CheckAgainstPlainLoops<float>(*MakeFusedEngine({}), block.plan, block.data, norm),
              absl::OkStatus());
    const Errors errors = Measure(block.plan, block.data, norm);
    if (errors.fused <= errors.allowed) continue;
    // A ReLU's input or a pool's maximum within rounding of a tie, which fell to the other side.
    ++ties;
    EXPECT_LE(errors.fused, 0.01) << errors.tensor;  // tolerance: one pixel of some hundreds
  }
  EXPECT_LE(ties, 4);  // tolerance: of 200 blocks with 10⁵ decisions in all
}

TEST(FusedEngineTest, NeitherThreadsNorRecomputationChangeABit) {
  for (const int block : {1, 2}) {
    // The second cell has 32 channels: kCheap keeps some of each.
    const CellCase cell = SearchCell(16, {11, 12, 12, 3}, block);
    const BlockData data = RandomBlockData(cell.plan, cell.inputs, 4);
    const Result expected =
        RunBlock<float>(*MakeFusedEngine({}), cell.plan, data, NormMode::kBatch);
    for (const int threads : {2, 3, 4, 8}) {
      SCOPED_TRACE(threads);
      ThreadPool pool(threads);
      const auto engine = MakeFusedEngine({.parallel_for = pool.parallel_for()});
      ExpectSameBits(RunBlock<float>(*engine, cell.plan, data, NormMode::kBatch), expected);
    }
    for (const Recompute recompute :
         {Recompute::kNothing, Recompute::kFirstStage, Recompute::kAll}) {
      const auto engine = MakeFusedEngine({.recompute = recompute});
      EXPECT_EQ(engine->name(), "fused, recompute " + RecomputeName(recompute));
      ExpectSameBits(RunBlock<float>(*engine, cell.plan, data, NormMode::kBatch), expected);
    }
  }
}

// With the ReLU and max-pool decisions that the engine took in this mode, against float64: what is
// left is the rounding of operands to 8 significant bits, at most 2⁻⁸ of each. A gradient passes at
// most 8 rounded operands (two stages forward, two back, a matrix and its input each), whose errors
// are as good as independent: √8 · 2⁻⁸ of a tensor's norm, and twice that where a norm over few
// pixels amplifies it.
TEST(FusedEngineTest, Bf16RoundsOperandsOfPointwiseStagesAlone) {
  if (!fused::HasBf16()) GTEST_SKIP() << "this CPU has no AVX512-BF16";
  SetReferenceThreads(1);
  for (const int channels : {5, 16}) {
    for (const int block : {0, 1, 2}) {
      SCOPED_TRACE(testing::Message() << "block " << block << ", " << channels << " channels");
      const CellCase cell = SearchCell(channels, {4, 16, 16, 3}, block);
      const BlockData data = RandomBlockData(cell.plan, cell.inputs, 1);
      DecisionTrace decisions;
      const Result got =
          RunBlock<float>(*MakeFusedEngine({.pointwise = Pointwise::kBf16, .record = &decisions}),
                          cell.plan, data, NormMode::kBatchAndUpdate);
      if (block == 0) {  // The stem is a dense convolution.
        const Result same =
            RunBlock<float>(*MakeFusedEngine({}), cell.plan, data, NormMode::kBatchAndUpdate);
        EXPECT_EQ(got.tensors, same.tensors);
        continue;
      }
      const auto [error, tensor] =
          Worst(got, RunBlock<double>(*MakeReferenceEngine<double>({.replay = &decisions}),
                                      cell.plan, data, NormMode::kBatchAndUpdate));
      EXPECT_LE(error, 2 * std::sqrt(8) / 256) << tensor;  // tolerance: see above
      EXPECT_GE(error, 1.0 / 4096) << "float32 would be far closer";
    }
  }
}

TEST(FusedEngineTest, NeitherThreadsNorRecomputationChangeABitOfBf16) {
  if (!fused::HasBf16()) GTEST_SKIP() << "this CPU has no AVX512-BF16";
  const CellCase cell = SearchCell(12, {7, 8, 8, 3}, 2);
  const BlockData data = RandomBlockData(cell.plan, cell.inputs, 4);
  const Result expected = RunBlock<float>(*MakeFusedEngine({.pointwise = Pointwise::kBf16}),
                                          cell.plan, data, NormMode::kBatch);
  for (const int threads : {1, 2, 3}) {
    SCOPED_TRACE(threads);
    ThreadPool pool(threads);
    for (const Recompute recompute : {Recompute::kNothing, Recompute::kAll}) {
      const auto engine = MakeFusedEngine({.parallel_for = pool.parallel_for(),
                                           .recompute = recompute,
                                           .pointwise = Pointwise::kBf16});
      ExpectSameBits(RunBlock<float>(*engine, cell.plan, data, NormMode::kBatch), expected);
    }
  }
}

TEST(FusedEngineTest, OnlyWhatIsAskedForIsComputed) {
  const CellCase cell = SearchCell(4, {2, 8, 8, 3}, 1);
  const BlockData data = RandomBlockData(cell.plan, cell.inputs, 5);
  const Result all = RunBlock<float>(*MakeFusedEngine({}), cell.plan, data, NormMode::kBatch);
  for (unsigned mask = 1; mask <= kAll; ++mask) {
    const Result some =
        RunBlock<float>(*MakeFusedEngine({}), cell.plan, data, NormMode::kBatch, mask);
    for (size_t i = 2; i < all.tensors.size(); ++i) {
      const unsigned kind = all.names[i] == "mixture"    ? kAlphaGradients
                            : i < 3 + data.inputs.size() ? kInputGradients
                                                         : kWeightGradients;
      const std::vector<double> nothing(all.tensors[i].size(), 0.0);
      EXPECT_EQ(CompareBits<double>(some.tensors[i], mask & kind ? all.tensors[i] : nothing),
                absl::OkStatus())
          << all.names[i] << ", gradients " << mask;
    }
  }
}

TEST(FusedEngineTest, InputGradientsMayBegin) {
  BlockPlan shown = SearchCell(4, {2, 8, 8, 3}, 1).plan;
  shown.concat.push_back(1);  // an input, behind nodes of the same size
  for (const BlockPlan& plan : {SearchCell(4, {2, 8, 8, 3}, 1).plan, shown}) {
    const BlockData data = RandomBlockData(plan, SearchCell(4, {2, 8, 8, 3}, 1).inputs, 5);
    const auto engine = MakeFusedEngine({});
    const auto reference = MakeReferenceEngine<float>();
    for (Engine<float>* tested : {engine.get(), reference.get()}) {
      const auto adds = BlockRunner<float>::Create(*tested, plan, data);
      const auto begins = BlockRunner<float>::Create(*tested, plan, data);
      ASSERT_TRUE(adds.ok() && begins.ok()) << adds.status() << begins.status();
      (*begins)->BeginInputGradients();
      for (const auto& runner : {adds->get(), begins->get()}) {
        ASSERT_EQ(runner->Forward(NormMode::kBatch, kAll), absl::OkStatus());
        ASSERT_EQ(runner->Backward(kAll), absl::OkStatus());
      }
      for (int i = 0; i < 2; ++i) {
        EXPECT_EQ((*begins)->input_gradients(i), (*adds)->input_gradients(i)) << tested->name();
      }
    }
  }
}

TEST(FusedEngineTest, RefusesWhatHasNoMeaning) {
  const CellCase cell = SearchCell(4, {1, 8, 8, 3}, 0);
  const auto engine = MakeFusedEngine({});
  ParameterLayout empty;
  EXPECT_EQ(engine->Build(cell.plan, empty, empty).status().code(), absl::StatusCode::kNotFound);
  const auto runner = *BlockRunner<float>::Create(*engine, cell.plan,
                                                  RandomBlockData(cell.plan, {{1, 1, 1, 3}}, 1));
  EXPECT_EQ(runner->Forward(NormMode::kBatch, kAll).code(), absl::StatusCode::kInvalidArgument);
  ASSERT_EQ(runner->Forward(NormMode::kRunning, kWeightGradients), absl::OkStatus());
  EXPECT_EQ(runner->Backward(kAll).code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace ssnas
