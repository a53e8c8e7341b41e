#include "ssnas/export/export_network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "ssnas/core/file.h"
#include "ssnas/core/json_file.h"
#include "ssnas/core/safetensors.h"
#include "ssnas/training/stage_graph.h"
#include "ssnas/training/testing/test_run.h"

namespace ssnas {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

ExperimentSpec Spec() {
  return TinySpec({"search.epochs=1", "pretrain.epochs=1",
                   "augmentation[1]={name: \"normalize\" config { [type.googleapis.com/"
                   "ssnas.NormalizeConfig] { mean: [0.5, 0.25, 0.5] std: [0.5, 0.25, 1] } } }"});
}

TEST(ExportNetworkTest, FilesAgreeWithTheStageThatTrainedTheNetwork) {
  TestRun run("export", Spec());
  const auto results =
      RunStages(run.context(), StagesUpTo(BuildStages(Spec()), StageKind::kPretrain));
  ASSERT_TRUE(results.ok()) << results.status();
  const absl::Status status = ExportFoundNetwork(run.context(), *results);
  ASSERT_TRUE(status.ok()) << status;

  EXPECT_EQ(FileOf(run, "model.safetensors"), FileOf(run, "pretrain/found/model.safetensors"));
  EXPECT_THAT(FileOf(run, "model.py"), HasSubstr("def features(self, images):"));

  const auto rule = ReadJsonObject(JoinPath(run.path(), "preprocess.json"));
  ASSERT_TRUE(rule.ok()) << rule.status();
  EXPECT_EQ((*rule)["image_size"], 8);
  EXPECT_EQ((*rule)["mean"], std::vector<double>({0.5, 0.25, 0.5}));
  EXPECT_EQ((*rule)["std"], std::vector<double>({0.5, 0.25, 1}));

  const auto example = ReadSafetensors(JoinPath(run.path(), "example.safetensors"));
  ASSERT_TRUE(example.ok()) << example.status();
  const auto images = example->Find("images");
  ASSERT_TRUE(images.ok()) << images.status();
  EXPECT_THAT((*images)->shape, ElementsAre(8, 3, 8, 8));
  const auto features = example->Find("features");
  ASSERT_TRUE(features.ok()) << features.status();
  // Two reduction cells of two nodes: 4 · 4 channels, twice.
  EXPECT_THAT((*features)->shape, ElementsAre(8, 32));

  // Channels first: the green plane of the first image begins at 64.
  const auto values = (*images)->Floats(8 * 3 * 8 * 8);
  ASSERT_TRUE(values.ok()) << values.status();
  const ImageSet& set = **run.context().data->Images(Split::kTrain);
  const ImageView first = set.Get(0);
  const float green = static_cast<float>(first.pixels[first.channels == 3 ? 1 : 0]) / 255.0f;
  EXPECT_FLOAT_EQ((*values)[64], (green - 0.25f) / 0.25f);
}

TEST(ExportNetworkTest, WritesNothingWhereNoNetworkWasTrained) {
  TestRun run("export_nothing", Spec());
  const absl::Status status = ExportFoundNetwork(run.context(), {});
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(FileOf(run, "model.py"), "");
}

}  // namespace
}  // namespace ssnas
