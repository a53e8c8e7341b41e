// What every registered operation must keep to, whatever it computes.
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "ssnas/core/registry.h"
#include "ssnas/core/testing/compare.h"
#include "ssnas/core/testing/plugin_example.h"
#include "ssnas/engine/fused/fused_engine.h"
#include "ssnas/engine/reference/reference_engine.h"
#include "ssnas/engine/testing/block_checks.h"
#include "ssnas/engine/testing/block_runner.h"
#include "ssnas/ops/operation.h"
#include "ssnas/ops/testing/operation_case.h"
#include "ssnas/proto/options.pb.h"

namespace ssnas {
namespace {

class OperationConformanceTest : public ::testing::TestWithParam<std::string> {
 protected:
  // Calls body(plan, case) for every case.
  void ForEachCase(const std::function<void(const BlockPlan&, const OperationCase&)>& body) {
    for (const OperationCase& where : ConformanceCases()) {
      SCOPED_TRACE(where.Name());
      const absl::StatusOr<BlockPlan> plan = PlanOperation(GetParam(), where, /*mixture=*/true);
      ASSERT_TRUE(plan.ok()) << plan.status();
      body(*plan, where);
    }
  }
};

bool HasModule(const BlockPlan& plan) {
  return plan.nodes[0].edges[0].candidates[0].recipe.HasModule();
}

std::unique_ptr<Engine<float>> Fused() {
  return MakeFusedEngine({.modules = MakeReferenceEngine<float>()});
}

template <typename T>
void ExpectPlain(const BlockPlan& plan, const BlockData& data, NormMode norm) {
  SetReferenceThreads(1);
  EXPECT_EQ(CheckAgainstPlainLoops<T>(*MakeReferenceEngine<T>(), plan, data, norm),
            absl::OkStatus());
  if constexpr (std::is_same_v<T, float>) {
    EXPECT_EQ(CheckAgainstPlainLoops<float>(*Fused(), plan, data, norm), absl::OkStatus());
  }
}

TEST_P(OperationConformanceTest, KeepsChannelsAndDividesTheSizeByTheStride) {
  ForEachCase([](const BlockPlan& plan, const OperationCase& where) {
    const absl::StatusOr<std::vector<Shape4>> shapes = plan.Shapes({where.input()});
    ASSERT_TRUE(shapes.ok()) << shapes.status();
    EXPECT_EQ(shapes->back(), where.output());
  });
}

TEST_P(OperationConformanceTest, IsWhatPlainLoopsGive) {
  ForEachCase([](const BlockPlan& plan, const OperationCase& where) {
    if (HasModule(plan)) return;  // Plain loops do not know it; see the next test.
    const BlockData data = RandomBlockData(plan, {where.input()}, 1);
    for (const NormMode norm : {NormMode::kBatch, NormMode::kRunning}) {
      ExpectPlain<float>(plan, data, norm);
      ExpectPlain<double>(plan, data, norm);
    }
  });
}

// Some gradients nearly vanish, such as that of a factor before a norm: how exact they can be in
// float32, libtorch says.
TEST_P(OperationConformanceTest, EnginesAgreeWithLibtorchInFloat64) {
  SetReferenceThreads(1);
  const auto eager = MakeReferenceEngine<float>();
  const auto exact = MakeReferenceEngine<double>();
  ForEachCase([&](const BlockPlan& plan, const OperationCase& where) {
    if (!HasModule(plan)) return;  // Plain loops say more.
    const BlockData data = RandomBlockData(plan, {where.input()}, 1);
    for (const NormMode norm : {NormMode::kBatchAndUpdate, NormMode::kRunning}) {
      const auto libtorch = StepError(*eager, *exact, plan, data, norm);
      ASSERT_TRUE(libtorch.ok()) << libtorch.status();
      EXPECT_LE(libtorch->error, 0.01) << libtorch->tensor;  // tolerance: see above
      const auto fused = StepError(*Fused(), *exact, plan, data, norm);
      ASSERT_TRUE(fused.ok()) << fused.status();
      EXPECT_LE(fused->error, 1e-5 + 3 * libtorch->error) << fused->tensor;  // tolerance: see above
    }
  });
}

// Where a variance taken as mean(x²) − mean(x)² loses its digits.
TEST_P(OperationConformanceTest, StandsAMeanOfAThousandTimesTheSpread) {
  ForEachCase([](const BlockPlan& plan, const OperationCase& where) {
    if (HasModule(plan)) return;  // What it makes of them is its own.
    BlockData data = RandomBlockData(plan, {where.input()}, 2);
    for (double& value : data.inputs[0]) value = static_cast<float>(1000 + value);
    ExpectPlain<float>(plan, data, NormMode::kBatch);
  });
}

TEST_P(OperationConformanceTest, GradientsAreThoseOfFiniteDifferences) {
  ForEachCase([](const BlockPlan& plan, const OperationCase& where) {
    if (where.size > 5) return;  // Nothing that size 5 does not have, and slow.
    const BlockData data = RandomBlockData(plan, {where.input()}, 3);
    SetReferenceThreads(1);
    EXPECT_EQ(CheckBlockGradients(*MakeReferenceEngine<double>(), plan, data, NormMode::kBatch, 12),
              absl::OkStatus());
  });
}

void ExpectTheSameBitsTwice(Engine<float>* engine, const BlockPlan& plan,
                            const OperationCase& where) {
  const BlockData data = RandomBlockData(plan, {where.input()}, 4);
  std::vector<std::vector<double>> results[2];
  for (std::vector<std::vector<double>>& result : results) {
    const auto created = BlockRunner<float>::Create(*engine, plan, data);
    ASSERT_TRUE(created.ok()) << created.status();
    BlockRunner<float>* const runner = created->get();
    ASSERT_EQ(runner->Forward(NormMode::kBatchAndUpdate, kAllGradients), absl::OkStatus());
    ASSERT_EQ(runner->Backward(kAllGradients), absl::OkStatus());
    ASSERT_EQ(runner->Check(), absl::OkStatus());
    result = {runner->output(), runner->input_gradients(0), runner->mixture_gradients()};
    if (!data.weights.empty()) result.push_back(runner->weight_gradients());
    if (!data.running_statistics.empty()) result.push_back(runner->running_statistics());
  }
  for (size_t i = 0; i < results[0].size(); ++i) {
    EXPECT_EQ(CompareBits<double>(results[0][i], results[1][i]), absl::OkStatus()) << i;
  }
}

TEST_P(OperationConformanceTest, TwoRunsGiveTheSameBitsAndStayInTheirMemory) {
  ForEachCase([](const BlockPlan& plan, const OperationCase& where) {
    ExpectTheSameBitsTwice(MakeReferenceEngine<float>().get(), plan, where);
    ExpectTheSameBitsTwice(Fused().get(), plan, where);
  });
}

TEST_P(OperationConformanceTest, RefusesPlacesThatDoNotExist) {
  for (const OperationCase& where :
       {OperationCase{.stride = 0}, OperationCase{.stride = 3}, OperationCase{.stride = -1},
        OperationCase{.channels = 0}, OperationCase{.channels = -4}}) {
    EXPECT_EQ(PlanOperation(GetParam(), where, false).status().code(),
              absl::StatusCode::kInvalidArgument)
        << where.Name();
  }
}

// Configs made in code do not pass the spec loader, which checks ranges first.
TEST_P(OperationConformanceTest, RefusesConfigsOutsideTheirRules) {
  PluginSpec spec;
  spec.set_name(GetParam());
  const auto config = *TableOf<Operation>().ResolveConfig(spec);
  const google::protobuf::Descriptor& type = *config->GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const google::protobuf::FieldDescriptor* field = type.field(i);
    const FieldRule& rule = field->options().GetExtension(ssnas::rule);
    ASSERT_TRUE(field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_INT32 ||
                (rule.has_min() && rule.has_max()))
        << field->full_name() << " has no range";
    if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_INT32) continue;
    for (const double value : {rule.min() - 1, rule.max() + 1}) {
      config->GetReflection()->SetInt32(config.get(), field, static_cast<int32_t>(value));
      spec.mutable_config()->PackFrom(*config);
      EXPECT_EQ(CreatePlugin<Operation>(spec).status().code(), absl::StatusCode::kInvalidArgument)
          << field->full_name() << " = " << value;
    }
  }
  spec.mutable_config()->PackFrom(PluginSpec());
  EXPECT_EQ(CreatePlugin<Operation>(spec).status().code(), absl::StatusCode::kInvalidArgument);
}

INSTANTIATE_TEST_SUITE_P(Registered, OperationConformanceTest,
                         ::testing::ValuesIn(TableOf<Operation>().Names()),
                         [](const auto& info) { return info.param; });

TEST(RegistryTest, HoldsTheOperationsOfDarts) {
  const std::vector<std::string> names = TableOf<Operation>().Names();
  const std::set<std::string> there(names.begin(), names.end());
  for (const char* name : {"none", "max_pool_3x3", "avg_pool_3x3", "skip_connect", "sep_conv_3x3",
                           "sep_conv_5x5", "dil_conv_3x3", "dil_conv_5x5"}) {
    EXPECT_TRUE(there.count(name)) << name;
  }
}

// Each folder that registers an operation has an example that builds one of its own.
TEST(ExampleTest, BuildsAnOperationOfItsFolder) {
  for (const std::string& name : TableOf<Operation>().Names()) {
    SCOPED_TRACE(name);
    const std::string file = (*TableOf<Operation>().Find(name))->file;
    const absl::StatusOr<PluginSpec> spec = ReadPluginExample(file);
    ASSERT_TRUE(spec.ok()) << spec.status();
    const auto facts = TableOf<Operation>().Find(spec->name());
    ASSERT_TRUE(facts.ok()) << facts.status();
    EXPECT_EQ((*facts)->file, file);
    const auto operation = CreatePlugin<Operation>(*spec);
    ASSERT_TRUE(operation.ok()) << operation.status();
    EXPECT_TRUE((*operation)->BuildRecipe({.channels = 4}).ok());
  }
}

}  // namespace
}  // namespace ssnas
