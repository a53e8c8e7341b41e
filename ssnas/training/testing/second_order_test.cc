// Second-order searches: both engines find nearly the same alphas, another way than first order's,
// and the number of threads changes no bit.
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "ssnas/core/safetensors.h"
#include "ssnas/core/thread_pool.h"
#include "ssnas/engine/fused/fused_engine.h"
#include "ssnas/engine/reference/reference_engine.h"
#include "ssnas/training/search_stage.h"
#include "ssnas/training/testing/test_run.h"

namespace ssnas {
namespace {

std::string Search(const std::string& name, const std::string& order, Engine<float>& engine,
                   const ParallelFor& parallel_for = SerialFor) {
  TestRun run(name, TinySpec({"search.order=" + order}));
  RunContext context = run.context();
  context.engine = &engine;
  context.parallel_for = parallel_for;
  const auto result =
      RunSearchStage(context, {.name = "search", .label = "search", .digest = "d"}, 3);
  EXPECT_TRUE(result.ok()) << result.status();
  return FileOf(run, "search/final.safetensors");
}

std::vector<float> AlphasOf(const std::string& bytes) {
  const TensorFile file = ParseSafetensors(bytes, "final.safetensors").value();
  const NamedTensor* alphas = file.Find("search.alphas").value();
  return alphas->Floats(alphas->shape[0]).value();
}

double Distance(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += std::pow(static_cast<double>(a[i]) - b[i], 2);
  return std::sqrt(sum);
}

TEST(SecondOrderTest, BothEnginesFindTheSameAndItIsNotFirstOrder) {
  SetReferenceThreads(1);
  const auto fused = MakeFusedEngine({});
  const auto reference = MakeReferenceEngine<float>();
  const auto second = AlphasOf(Search("fused", "SECOND", *fused));
  const auto other = AlphasOf(Search("reference", "SECOND", *reference));
  const auto first = AlphasOf(Search("first", "FIRST", *fused));
  ASSERT_EQ(second.size(), first.size());
  const double between_engines = Distance(second, other), between_orders = Distance(second, first);
  RecordProperty("distance_between_engines", std::to_string(between_engines));
  RecordProperty("distance_between_orders", std::to_string(between_orders));
  EXPECT_GT(between_orders, 0);
  // Rounding, through Adam's first steps, which turn any gradient to one length: far below what the
  // second order changes.
  EXPECT_LT(between_engines, 0.3 * between_orders);
}

TEST(SecondOrderTest, ThreadsChangeNoBit) {
  const auto serial = MakeFusedEngine({});
  const std::string expected = Search("one", "SECOND", *serial);
  ASSERT_FALSE(expected.empty());
  ThreadPool pool(3);
  const auto parallel = MakeFusedEngine({.parallel_for = pool.parallel_for()});
  EXPECT_EQ(Search("three", "SECOND", *parallel, pool.parallel_for()), expected);
}

}  // namespace
}  // namespace ssnas
