// Images and memory are asked for before the first step: what is free is invented here.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "ssnas/core/exit_code.h"
#include "ssnas/training/memory.h"
#include "ssnas/training/network_stage.h"
#include "ssnas/training/stage_graph.h"
#include "ssnas/training/testing/test_run.h"

namespace ssnas {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

RunContext WithFree(const TestRun& run, int64_t bytes) {
  RunContext context = run.context();
  context.free_memory = [bytes] { return bytes; };
  return context;
}

TEST(PreflightTest, RefusesASearchBeforeItsFirstStep) {
  TestRun run("preflight_search", TinySpec());
  const RunContext context = WithFree(run, 1000);
  const std::vector<Stage> stages = BuildStages(*context.spec);
  for (const absl::Status& status :
       {PreflightStages(context, stages), RunStages(context, stages).status()}) {
    EXPECT_EQ(ExitCode(status), 5) << status;
    EXPECT_THAT(std::string(status.message()), StartsWith("search needs about"));
    EXPECT_THAT(std::string(status.message()), HasSubstr("--set search.channels=N"));
  }
  EXPECT_EQ(FileOf(run, "search/seed_1/metrics.jsonl"), "");
  EXPECT_TRUE(PreflightStages(run.context(), stages).ok());
}

TEST(PreflightTest, ANetworkThatOnlyPretrainingMakesTooLargeIsRefusedBeforeTheSearch) {
  TestRun run("preflight_pretrain", TinySpec({"pretrain.network.channels=512"}));
  // Two cells of 512 channels have more than 2 million weights, each kept six times; the search has
  // 4 channels.
  const RunContext context = WithFree(run, 20'000'000);
  const std::vector<Stage> stages = BuildStages(*context.spec);
  const absl::Status status = PreflightStages(context, stages);
  EXPECT_EQ(ExitCode(status), 5) << status;
  EXPECT_THAT(std::string(status.message()), StartsWith("pretrain needs about"));
  EXPECT_TRUE(PreflightStages(context, StagesUpTo(stages, StageKind::kRandom)).ok());
}

TEST(PreflightTest, TooFewImagesForAnyStageAreRefusedBeforeTheSearch) {
  const auto refusal = [](const char* set) {
    TestRun run("preflight_images", TinySpec({set}));
    const absl::Status status = PreflightStages(run.context(), BuildStages(*run.context().spec));
    EXPECT_EQ(ExitCode(status), 2) << status;
    return std::string(status.message());
  };
  EXPECT_THAT(refusal("search.batch=13"), HasSubstr("search needs at least 26 images and has 24"));
  EXPECT_THAT(refusal("pretrain.images=57"),
              HasSubstr("pretrain wants 57 training images and 8 held-out ones"));
  EXPECT_THAT(refusal("pretrain.batch=9"), HasSubstr("pretrain.batch is 9, but there are only 8"));
  EXPECT_THAT(refusal("evaluate.images=65"), HasSubstr("evaluate wants 65 training images"));
}

TEST(PreflightTest, CountsTheViewsMadeAheadBesideTheNetwork) {
  TestRun run("preflight_views", TinySpec());
  const auto cell = GivenOrRandomArchitecture(*run.context().spec);
  ASSERT_TRUE(cell.ok()) << cell.status();
  const auto model = MakePretrainModel(run.context(), *cell);
  ASSERT_TRUE(model.ok()) << model.status();
  const Shape4 views{8, 8, 8, 3};
  const auto need = NeedOf(run.context(), **model, views);
  ASSERT_TRUE(need.ok()) << need.status();
  // Training and held-out images: four batches in the queue, one in use, one being made.
  EXPECT_EQ(need->view_bytes, 2 * 6 * views.count() * 4);
  EXPECT_EQ(need->mapped_bytes, 0);
  EXPECT_GT(need->saved_bytes, 0);
  const int64_t network = need->saved_bytes + need->buffer_bytes;
  const auto check = [&](int64_t free) {
    return PreflightMemory(WithFree(run, free), "pretrain", **model, views, 4).status();
  };
  EXPECT_EQ(ExitCode(check(network)), 5);
  EXPECT_EQ(ExitCode(check(network + need->view_bytes - 1)), 5);
  EXPECT_TRUE(check(network + need->view_bytes).ok());
}

}  // namespace
}  // namespace ssnas
