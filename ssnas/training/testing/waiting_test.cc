// How long steps waited for data, from a data set that is slow to the report.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "ssnas/core/file.h"
#include "ssnas/core/json_file.h"
#include "ssnas/datasets/dataset.h"
#include "ssnas/datasets/synthetic/synthetic.pb.h"
#include "ssnas/report/numbers.h"
#include "ssnas/report/report.h"
#include "ssnas/training/stage_graph.h"
#include "ssnas/training/summary.h"
#include "ssnas/training/testing/test_run.h"

namespace ssnas {
namespace {

using ::testing::HasSubstr;

constexpr double kSecondsAnImage = 0.005;
// A search step makes two views of four images of each half.
constexpr double kSecondsAStep = 2 * 2 * 4 * kSecondsAnImage;
constexpr int kSteps = 6;

// Generated images, each of which takes a while to be had.
class SlowImages : public ImageSet {
 public:
  explicit SlowImages(std::unique_ptr<ImageSet> images) : images_(std::move(images)) {}
  int64_t size() const override { return images_->size(); }
  ImageView Get(int64_t index) const override {
    std::this_thread::sleep_for(std::chrono::duration<double>(kSecondsAnImage));
    return images_->Get(index);
  }

 private:
  const std::unique_ptr<ImageSet> images_;
};

class Slow : public Dataset {
 public:
  explicit Slow(std::unique_ptr<Dataset> images) : images_(std::move(images)) {}
  DatasetInfo Info() const override { return images_->Info(); }
  absl::StatusOr<std::unique_ptr<ImageSet>> Images(const DatasetContext& context,
                                                   Split split) const override {
    auto images = images_->Images(context, split);
    if (!images.ok()) return images.status();
    return std::make_unique<SlowImages>(*std::move(images));
  }
  absl::StatusOr<std::vector<int32_t>> Labels(const DatasetContext& context,
                                              Split split) const override {
    return images_->Labels(context, split);
  }

 private:
  const std::unique_ptr<Dataset> images_;
};

absl::StatusOr<std::unique_ptr<Dataset>> MakeSlow(const SyntheticConfig& config) {
  PluginSpec spec;
  spec.set_name("synthetic");
  spec.mutable_config()->PackFrom(config);
  auto images = CreatePlugin<Dataset>(spec);
  if (!images.ok()) return images.status();
  return std::make_unique<Slow>(*std::move(images));
}

SSNAS_REGISTER(Dataset, SyntheticConfig, MakeSlow, "slow", "", "synthetic, each image waited for");

// Seconds of each step, and those of them that it waited.
struct Times {
  std::vector<double> seconds, waited;
};

Times TimesOf(const std::string& text) {
  Times times;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto json = ParseJsonObject(line, "timings.jsonl");
    EXPECT_TRUE(json.ok()) << json.status();
    if (!json.ok() || !json->contains("wait_seconds")) continue;
    times.seconds.push_back((*json)["seconds"]);
    times.waited.push_back((*json)["wait_seconds"]);
  }
  return times;
}

double Sum(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum;
}

ExperimentSpec SlowSpec(int loader_threads) {
  ExperimentSpec spec = TinySpec();
  spec.mutable_dataset()->set_name("slow");
  spec.mutable_runtime()->set_loader_threads(loader_threads);
  return spec;
}

TEST(WaitingTest, EveryStepWaitsAsLongAsItsImagesTakeAndTheReportSaysSo) {
  TestRun run("waiting", SlowSpec(/*loader_threads=*/0));
  const std::vector<Stage> stages =
      StagesUpTo(BuildStages(*run.context().spec), StageKind::kSearch);
  const auto results = RunStages(run.context(), stages);
  ASSERT_TRUE(results.ok()) << results.status();
  const Times times = TimesOf(FileOf(run, "search/seed_1/timings.jsonl"));
  ASSERT_EQ(times.waited.size(), kSteps);
  for (int step = 0; step < kSteps; ++step) {
    EXPECT_GE(times.waited[step], kSecondsAStep) << step;
    EXPECT_LT(times.waited[step], times.seconds[step]) << step;
  }

  const auto summary = WriteSummary(run.context(), stages, *results, {});
  ASSERT_TRUE(summary.ok()) << summary.status();
  const double waited = (*summary)["stages"][0]["wait_seconds"];
  EXPECT_DOUBLE_EQ(waited, Sum(times.waited));
  EXPECT_DOUBLE_EQ((*summary)["stages"][0]["seconds"].get<double>(), Sum(times.seconds));
  ASSERT_TRUE(WriteReport(run.path()).ok());
  const std::string page = FileOf(run, "report.html");
  EXPECT_THAT(page, HasSubstr("waited for data</th>"));
  EXPECT_THAT(page, HasSubstr("<td class=\"number\">" + report::Duration(waited) + "</td>"));
  EXPECT_THAT(page, HasSubstr("in which the step waited for images: " +
                              report::Percent(waited / Sum(times.seconds))));
}

TEST(WaitingTest, AWorkerAtWorkWhileTheStepRunsIsWaitedForLess) {
  TestRun run("waiting_for_workers", SlowSpec(/*loader_threads=*/1));
  const auto results =
      RunStages(run.context(), StagesUpTo(BuildStages(*run.context().spec), StageKind::kSearch));
  ASSERT_TRUE(results.ok()) << results.status();
  const Times times = TimesOf(FileOf(run, "search/seed_1/timings.jsonl"));
  ASSERT_EQ(times.waited.size(), kSteps);
  // The first step has both halves' first batches to wait for, side by side: half of the time.
  EXPECT_GT(times.waited[0], 0);
  for (int step = 0; step < kSteps; ++step) {
    EXPECT_LT(times.waited[step], times.seconds[step]) << step;
  }
}

}  // namespace
}  // namespace ssnas
