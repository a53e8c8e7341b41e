// A search on the fused engine gives the same bits for any number of threads and of workers.
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ssnas/core/thread_pool.h"
#include "ssnas/engine/fused/fused_engine.h"
#include "ssnas/training/search_stage.h"
#include "ssnas/training/testing/test_run.h"

namespace ssnas {
namespace {

// Metrics and final tensors.
std::pair<std::string, std::string> Search(int threads, int workers) {
  const std::string name = absl::StrCat("threads_", threads, "_workers_", workers);
  TestRun run(name, TinySpec({absl::StrCat("runtime.loader_threads=", workers)}));
  ThreadPool pool(threads);
  const auto engine = MakeFusedEngine({.parallel_for = pool.parallel_for()});
  RunContext context = run.context();
  context.engine = engine.get();
  context.parallel_for = pool.parallel_for();
  const auto result =
      RunSearchStage(context, {.name = "search", .label = "search", .digest = "d"}, 3);
  EXPECT_TRUE(result.ok()) << result.status();
  return {FileOf(run, "search/metrics.jsonl"), FileOf(run, "search/final.safetensors")};
}

TEST(DeterminismTest, ThreadsAndWorkersChangeNoBitOfASearch) {
  const auto expected = Search(1, 0);
  ASSERT_FALSE(expected.first.empty());
  ASSERT_FALSE(expected.second.empty());
  for (const int threads : {1, 2, 4}) {
    for (int workers = 0; workers <= 4; ++workers) {
      EXPECT_EQ(Search(threads, workers), expected)
          << threads << " threads, " << workers << " workers";
    }
  }
}

}  // namespace
}  // namespace ssnas
