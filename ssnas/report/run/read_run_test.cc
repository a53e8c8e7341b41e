#include "ssnas/report/run/read_run.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/file.h"

namespace ssnas::report {
namespace {

// A run folder with the given files.
class ReadRunTest : public testing::Test {
 protected:
  ReadRunTest()
      : folder_(JoinPath(testing::TempDir(),
                         testing::UnitTest::GetInstance()->current_test_info()->name())) {
    EXPECT_TRUE(RemoveTree(folder_).ok());
    EXPECT_TRUE(MakeFolders(folder_).ok());
  }

  void Write(const std::string& name, const std::string& text) {
    const std::string path = JoinPath(folder_, name);
    ASSERT_TRUE(MakeFolders(path.substr(0, path.rfind('/'))).ok());
    ASSERT_TRUE(WriteFileSynced(path, text).ok());
  }

  RunData Read() {
    auto run = ReadRun(folder_);
    EXPECT_TRUE(run.ok()) << run.status();
    return run.ok() ? *std::move(run) : RunData();
  }

  static std::string Problems(const RunData& run) { return absl::StrJoin(run.problems, "\n"); }

  const std::string folder_;
};

TEST_F(ReadRunTest, SaysWhenThereIsNoRun) {
  const auto empty = ReadRun(folder_);
  EXPECT_EQ(empty.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ExitCode(empty.status()), 4);
  const auto absent = ReadRun(JoinPath(folder_, "absent"));
  EXPECT_EQ(absent.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ExitCode(absent.status()), 4);
  EXPECT_NE(absent.status().message().find("no such run folder"), std::string::npos);
}

TEST_F(ReadRunTest, BadLinesAreNamedAndSkipped) {
  Write("search/seed_1/metrics.jsonl",
        "{\"step\":1,\"weight_loss\":3.5}\n"
        "garbage\n"
        "[1,2]\n"
        "{\"step\":2,\"weight_loss\":null}\n"
        "\n"
        "{\"step\":\"three\",\"weight_loss\":3.1}\n"
        "{\"step\":4,\"weight_loss\":3.0,\"epo");
  const RunData run = Read();
  ASSERT_EQ(run.searches.size(), 1u);
  EXPECT_EQ(run.searches[0].weight_loss.step, (std::vector<double>{1, 2}));
  EXPECT_EQ(run.searches[0].weight_loss.value[0], 3.5);
  EXPECT_EQ(run.searches[0].steps, 2);
  const std::string problems = Problems(run);
  EXPECT_NE(problems.find("search/seed_1/metrics.jsonl:2: no JSON object"), std::string::npos);
  EXPECT_NE(problems.find("search/seed_1/metrics.jsonl:3: no JSON object"), std::string::npos);
  EXPECT_NE(problems.find("search/seed_1/metrics.jsonl:7: cut short"), std::string::npos);
}

TEST_F(ReadRunTest, ManyBadLinesAreCounted) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "}{\n";
  Write("search/seed_1/metrics.jsonl", text);
  const RunData run = Read();
  EXPECT_EQ(run.problems.size(), 4u);
  EXPECT_NE(run.problems.back().find("997 more lines"), std::string::npos);
}

TEST_F(ReadRunTest, SeedsInTheOrderOfTheirNumbers) {
  for (const int seed : {10, 2, 1}) {
    Write(absl::StrCat("search/seed_", seed, "/metrics.jsonl"), "{\"step\":1,\"weight_loss\":1}\n");
  }
  const RunData run = Read();
  ASSERT_EQ(run.searches.size(), 3u);
  EXPECT_EQ(run.searches[1].stage, "search/seed_2");
  EXPECT_EQ(run.searches[2].stage, "search/seed_10");
  EXPECT_EQ(ChosenSearch(run), nullptr);  // which one is best is not known yet
}

TEST_F(ReadRunTest, SpecAndCellOfPluginsThatNobodyLinked) {
  Write("spec.textproto",
        "name: \"mine\" field_of_next_year: 3\n"
        "objective { name: \"my_loss\" config { [type.googleapis.com/other.MyLoss] { sharpness: 3 "
        "name: [1, 2] } } }\n"
        "space { candidate { name: \"my_op\" } candidate { name: \"none\" } nodes: 1 }\n");
  Write("architecture.textproto",
        "normal { edge { from: 0 to: 2 operation { name: \"my_op\" "
        "config { [type.googleapis.com/other.MyOp] { k: 3 } } } } }\n"
        "reduction { edge { from: 1 to: 2 operation { name: \"my_op\" } } concat: 2 }\n");
  const RunData run = Read();
  EXPECT_EQ(Problems(run), "");
  ASSERT_TRUE(run.spec.has_value());
  EXPECT_EQ(run.spec->objective().name(), "my_loss");
  EXPECT_EQ(CandidateNames(run), (std::vector<std::string>{"my_op", "none"}));
  ASSERT_TRUE(run.cell.has_value());
  EXPECT_EQ(run.cell->normal().edge(0).operation().name(), "my_op");
  EXPECT_EQ(LossName(run), "loss (my_loss)");
}

TEST_F(ReadRunTest, TextThatIsNoSpecOrCellIsNamedWithItsPlace) {
  Write("spec.textproto", "name: \"mine\"\nsearch {\n");
  Write("architecture.textproto", "normal { edge { from: 7 to: 2 operation { name: \"a\" } } }");
  const RunData run = Read();
  EXPECT_FALSE(run.spec.has_value());
  EXPECT_FALSE(run.cell.has_value());
  EXPECT_NE(Problems(run).find("spec.textproto:3:1: "), std::string::npos) << Problems(run);
  EXPECT_NE(Problems(run).find("architecture.textproto: an edge from state 7"), std::string::npos);
}

TEST_F(ReadRunTest, SummaryOfTheWrongTypesIsASummaryWithoutThem) {
  Write("summary.json",
        "{\"experiment\":7,\"seed\":1e300,\"finished\":\"yes\",\"threads\":[],\"wall_seconds\":{},"
        "\"networks\":[3,{\"name\":\"n\",\"role\":\"found\",\"probe_accuracy\":84.1,\"parameters\":"
        "\"many\"}],"
        "\"stages\":{\"a\":1},\"notes\":\"x\",\"probe_chance\":-1}");
  const RunData run = Read();
  ASSERT_TRUE(run.summary.has_value());
  EXPECT_EQ(run.summary->experiment, "");
  EXPECT_FALSE(run.summary->seed.has_value());
  EXPECT_FALSE(run.summary->finished);
  ASSERT_EQ(run.summary->networks.size(), 1u);
  EXPECT_FALSE(run.summary->networks[0].probe_accuracy.has_value());  // a share is at most 1
  EXPECT_FALSE(run.summary->probe_chance.has_value());
  EXPECT_TRUE(run.costs.empty());
}

TEST_F(ReadRunTest, BrokenSummaryIsNamed) {
  Write("summary.json", "{\"experiment\":");
  const RunData run = Read();
  EXPECT_FALSE(run.summary.has_value());
  EXPECT_NE(Problems(run).find("summary.json: no JSON object"), std::string::npos);
}

TEST_F(ReadRunTest, DeepNestingIsOnlyABadLine) {
  Write("search/seed_1/metrics.jsonl", std::string(1 << 20, '[') + "\n");
  EXPECT_EQ(Read().problems.size(), 1u);
}

TEST_F(ReadRunTest, OnlyPicturesThatArePngsAreTaken) {
  // The first eight bytes of any PNG, and the same with one byte changed.
  Write("views.json",
        "{\"size\":28,\"images\":[{\"original\":\"iVBORw0KGgo=\",\"views\":[\"iVBORw0KGgo=\"]},"
        "{\"original\":\"\\\"/"
        "><script>\",\"views\":[]},{\"original\":\"iVBORw0KGgs=\",\"views\":[]}]}");
  Write("spec.textproto", "name: \"a\"");
  const RunData run = Read();
  EXPECT_EQ(run.images.size(), 1u);
  EXPECT_EQ(run.problems.size(), 2u);
}

TEST_F(ReadRunTest, NeighboursThatAreNoPicturesAreLeftOut) {
  const std::string png = "\"iVBORw0KGgo=\"";
  const std::string row = absl::StrCat("{\"image\":", png, ",\"neighbors\":[");
  Write("pretrain/random_1/metrics.jsonl", "{\"step\":1,\"loss\":1}\n");
  Write("pretrain/found/metrics.jsonl", "{\"step\":1,\"loss\":1}\n");
  Write("pretrain/found/neighbors.json",
        absl::StrCat("{\"images\":24,\"held_out_queries\":2,\"queries\":[", row, "{\"image\":", png,
                     ",\"similarity\":0.5},{\"image\":\"<script>\",\"similarity\":0.4},{\"image\":",
                     png, "}]},", row, "]},7]}"));
  const RunData run = Read();
  ASSERT_TRUE(run.neighbors.has_value());
  EXPECT_EQ(run.neighbors->stage, "pretrain/found");
  EXPECT_EQ(run.neighbors->images, 24);
  EXPECT_FALSE(run.neighbors->held_out);  // two of three
  ASSERT_EQ(run.neighbors->rows.size(), 1u);
  ASSERT_EQ(run.neighbors->rows[0].neighbors.size(), 1u);
  EXPECT_EQ(run.neighbors->rows[0].neighbors[0].similarity, 0.5);
  EXPECT_NE(Problems(run).find("pretrain/found/neighbors.json: image 2"), std::string::npos);
  EXPECT_EQ(run.problems.size(), 2u);
}

TEST_F(ReadRunTest, TimesComeFromTimingsWhileThereIsNoSummary) {
  Write("search/seed_1/metrics.jsonl", "{\"step\":1,\"weight_loss\":1}\n");
  Write("search/seed_1/timings.jsonl",
        "{\"step\":1,\"seconds\":2,\"wait_seconds\":0.5,\"images_per_second\":10}\n"
        "{\"step\":2,\"seconds\":1,\"wait_seconds\":0,\"images_per_second\":40}\n"
        "{\"step\":2,\"event\":\"end\",\"peak_memory_bytes\":1000}\n");
  const RunData run = Read();
  ASSERT_EQ(run.costs.size(), 1u);
  EXPECT_EQ(run.costs[0].seconds, 3);
  EXPECT_EQ(run.costs[0].wait_seconds, 0.5);
  EXPECT_EQ(run.costs[0].images_per_second, 20);  // 60 images in 3 seconds
  EXPECT_EQ(run.costs[0].peak_memory_bytes, 1000);
}

}  // namespace
}  // namespace ssnas::report
