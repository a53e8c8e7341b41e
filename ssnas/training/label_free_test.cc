// A contrastive search reads no label: with all labels permuted, or none at all, it is bit-equal.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ssnas/datasets/dataset.h"
#include "ssnas/datasets/synthetic/synthetic.pb.h"
#include "ssnas/training/search_stage.h"
#include "ssnas/training/testing/test_run.h"

namespace ssnas {
namespace {

// The synthetic images under labels that are reversed, or that cannot be read.
class Relabelled : public Dataset {
 public:
  Relabelled(std::unique_ptr<Dataset> images, bool labels)
      : images_(std::move(images)), labels_(labels) {}

  DatasetInfo Info() const override {
    DatasetInfo info = images_->Info();
    if (!labels_) info.num_classes = 0;
    return info;
  }
  absl::StatusOr<std::unique_ptr<ImageSet>> Images(const DatasetContext& context,
                                                   Split split) const override {
    return images_->Images(context, split);
  }
  absl::StatusOr<std::vector<int32_t>> Labels(const DatasetContext& context,
                                              Split split) const override {
    if (!labels_) return absl::FailedPreconditionError("these images have no labels");
    auto labels = images_->Labels(context, split);
    if (labels.ok()) std::reverse(labels->begin(), labels->end());
    return labels;
  }

 private:
  const std::unique_ptr<Dataset> images_;
  const bool labels_;
};

template <bool kLabels>
absl::StatusOr<std::unique_ptr<Dataset>> MakeRelabelled(const SyntheticConfig& config) {
  PluginSpec spec;
  spec.set_name("synthetic");
  spec.mutable_config()->PackFrom(config);
  auto images = CreatePlugin<Dataset>(spec);
  if (!images.ok()) return images.status();
  return std::make_unique<Relabelled>(*std::move(images), kLabels);
}

SSNAS_REGISTER(Dataset, SyntheticConfig, MakeRelabelled<true>, "permuted", "",
               "synthetic, labels permuted");
SSNAS_REGISTER(Dataset, SyntheticConfig, MakeRelabelled<false>, "unlabelled", "",
               "synthetic, no labels");

// Metrics and final tensors of a search over the data set of this name.
std::pair<std::string, std::string> Search(const std::string& dataset) {
  ExperimentSpec spec = TinySpec();
  spec.mutable_dataset()->set_name(dataset);
  TestRun run("label_free_" + dataset, spec);
  const auto result =
      RunSearchStage(run.context(), {.name = "search", .label = "search", .digest = "d"}, 3);
  EXPECT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(run.context().data->label_reads(), 0);
  EXPECT_EQ(run.context().data->test_reads(), 0);
  return {FileOf(run, "search/metrics.jsonl"), FileOf(run, "search/final.safetensors")};
}

TEST(LabelFreeTest, PermutedOrAbsentLabelsChangeNoBit) {
  const auto [metrics, tensors] = Search("synthetic");
  ASSERT_FALSE(metrics.empty());
  ASSERT_FALSE(tensors.empty());
  EXPECT_EQ(Search("permuted"), std::make_pair(metrics, tensors));
  EXPECT_EQ(Search("unlabelled"), std::make_pair(metrics, tensors));
}

TEST(LabelFreeTest, ASupervisedSearchDoesReadThem) {
  ExperimentSpec spec = TinySpec();
  spec.mutable_objective()->Clear();
  spec.mutable_objective()->set_name("cross_entropy");
  TestRun run("label_free_supervised", spec);
  const auto result =
      RunSearchStage(run.context(), {.name = "search", .label = "search", .digest = "d"}, 3);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_GT((*result)["labels_read"].get<int64_t>(), 0);
  EXPECT_EQ(run.context().data->test_reads(), 0);
}

}  // namespace
}  // namespace ssnas
