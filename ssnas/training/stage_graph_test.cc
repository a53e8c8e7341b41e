#include "ssnas/training/stage_graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "ssnas/training/testing/test_run.h"

namespace ssnas {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> Names(const std::vector<Stage>& stages) {
  std::vector<std::string> names;
  for (const Stage& stage : stages) names.push_back(stage.name);
  return names;
}

std::map<std::string, std::string> Digests(const std::vector<std::string>& sets) {
  std::map<std::string, std::string> digests;
  for (const Stage& stage : BuildStages(TinySpec(sets))) digests[stage.name] = stage.digest;
  return digests;
}

TEST(StageGraphTest, SearchesFanInToOneCellAndOutToNetworks) {
  const std::vector<Stage> stages = BuildStages(TinySpec({"search.seeds=[3, 5]"}));
  EXPECT_THAT(Names(stages),
              ElementsAre("search/seed_3", "search/seed_5", "derive", "random", "pretrain/found",
                          "pretrain/random_1", "probe/found", "probe/random_1", "probe/untrained",
                          "evaluate/found", "evaluate/random_1"));
  EXPECT_THAT(stages[2].inputs, ElementsAre("search/seed_3", "search/seed_5"));
  EXPECT_THAT(stages[6].inputs, ElementsAre("pretrain/found"));
  EXPECT_EQ(DescribeStages(StagesUpTo(stages, StageKind::kRandom)),
            "search (seed_3, seed_5) → derive → random");
}

TEST(StageGraphTest, ADigestCoversItsPartOfTheSpecAndItsInputs) {
  const auto base = Digests({});
  const auto longer_search = Digests({"search.epochs=3"});
  EXPECT_NE(base.at("search/seed_1"), longer_search.at("search/seed_1"));
  EXPECT_NE(base.at("pretrain/found"), longer_search.at("pretrain/found"));
  EXPECT_EQ(base.at("pretrain/random_1"), longer_search.at("pretrain/random_1"));

  const auto probe = Digests({"probe.epochs=21"});
  EXPECT_EQ(base.at("pretrain/found"), probe.at("pretrain/found"));
  EXPECT_NE(base.at("probe/found"), probe.at("probe/found"));

  EXPECT_EQ(base, Digests({"runtime.loader_threads=3"}));
  for (const auto& [stage, digest] : Digests({"runtime.pointwise=BFLOAT16"})) {
    EXPECT_NE(base.at(stage), digest) << stage;
  }
}

TEST(StageGraphTest, FinishedStagesAreNotRunAgain) {
  const std::vector<Stage> stages = BuildStages(TinySpec());
  StageResults first;
  std::string metrics;
  {
    TestRun run("graph", TinySpec());
    auto results = RunStages(run.context(), stages);
    ASSERT_TRUE(results.ok()) << results.status();
    first = *results;
    metrics = FileOf(run, "search/seed_1/metrics.jsonl");
    EXPECT_FALSE(metrics.empty());
    EXPECT_FALSE(FileOf(run, "architecture.textproto").empty());
    EXPECT_EQ(first["search/seed_1"]["labels_read"], 0);
    EXPECT_EQ(first["probe/found"]["labels_used"], 32);
    EXPECT_EQ(first["evaluate/found"]["test_images"], 32);
  }
  TestRun run("graph", TinySpec());
  auto results = RunStages(run.context(), stages);
  ASSERT_TRUE(results.ok()) << results.status();
  EXPECT_EQ(run.context().data->test_reads(), 0) << "a finished probe opened the test images again";
  EXPECT_EQ(results->at("probe/found")["test_accuracy"], first["probe/found"]["test_accuracy"]);
  EXPECT_EQ(FileOf(run, "search/seed_1/metrics.jsonl"), metrics);
}

}  // namespace
}  // namespace ssnas
