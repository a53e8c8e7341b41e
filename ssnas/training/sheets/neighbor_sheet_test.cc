#include "ssnas/training/sheets/neighbor_sheet.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/file.h"
#include "ssnas/core/json_file.h"
#include "ssnas/core/safetensors.h"
#include "ssnas/core/shutdown.h"
#include "ssnas/core/testing/compare.h"
#include "ssnas/datasets/subset.h"
#include "ssnas/report/png.h"
#include "ssnas/search/derive.h"
#include "ssnas/training/network_stage.h"
#include "ssnas/training/sheets/prepared_images.h"
#include "ssnas/training/stage_graph.h"
#include "ssnas/training/testing/test_run.h"

namespace ssnas {
namespace {

using Json = nlohmann::ordered_json;

constexpr int64_t kBatch = 4;

ExperimentSpec Spec() { return TinySpec({"search.epochs=1", "pretrain.epochs=1"}); }

// Held-out images, then training images: 8 and 16 of 64.
std::vector<int64_t> Drawn(uint64_t seed) {
  std::vector<int64_t> drawn = RandomSubset(64, 24, seed, Purpose::kSubset);
  std::rotate(drawn.begin(), drawn.begin() + 16, drawn.end());
  return drawn;
}

// A row of length 1 for each image, by the network that the stage left.
std::vector<std::vector<double>> UnitFeatures(const TestRun& run, const Architecture& cell,
                                              const std::vector<int64_t>& images) {
  const auto model = MakePretrainModel(run.context(), cell);
  EXPECT_TRUE(model.ok()) << model.status();
  const auto tensors = ReadSafetensors(JoinPath(run.path(), "pretrain/found/model.safetensors"));
  EXPECT_TRUE(tensors.ok() && (*model)->FromTensors(*tensors).ok());
  std::vector<std::vector<double>> rows;
  for (size_t first = 0; first < images.size(); first += kBatch) {
    const auto prepared =
        PrepareImages(run.context(), {images.begin() + first, images.begin() + first + kBatch});
    EXPECT_TRUE(prepared.ok()) << prepared.status();
    std::vector<float> features;
    EXPECT_TRUE((*model)->Represent({prepared->pixels.data(), prepared->shape}, &features).ok());
    const size_t size = features.size() / kBatch;
    for (int64_t image = 0; image < kBatch; ++image) {
      rows.emplace_back(features.begin() + image * size, features.begin() + (image + 1) * size);
      double squares = 0;
      for (const double value : rows.back()) squares += value * value;
      for (double& value : rows.back()) value /= std::sqrt(squares);
    }
  }
  return rows;
}

std::string Picture(const TestRun& run, int64_t index) {
  const ImageView image = (*run.context().data->Images(Split::kTrain))->Get(index);
  return EncodePngBase64(image.pixels, image.height, image.width, image.channels).value_or("");
}

TEST(NeighborSheetTest, HoldsWhatComparingEveryPairFinds) {
  TestRun run("neighbors", Spec());
  const auto results =
      RunStages(run.context(), StagesUpTo(BuildStages(Spec()), StageKind::kPretrain));
  ASSERT_TRUE(results.ok()) << results.status();
  const auto sheet = ReadJsonObject(JoinPath(run.path(), "pretrain/found/neighbors.json"));
  ASSERT_TRUE(sheet.ok()) << sheet.status();
  EXPECT_EQ((*sheet)["images"], 24);
  EXPECT_EQ((*sheet)["held_out_queries"], 8);
  ASSERT_EQ((*sheet)["queries"].size(), 8u);
  EXPECT_EQ(run.context().data->label_reads(), 0);
  EXPECT_EQ(run.context().data->test_reads(), 0);

  const std::vector<int64_t> images = Drawn(run.context().spec->seed());
  const auto cell = ArchitectureOf(*results, "found");
  ASSERT_TRUE(cell.ok()) << cell.status();
  const std::vector<std::vector<double>> rows = UnitFeatures(run, *cell, images);
  for (size_t query = 0; query < 8; ++query) {
    std::vector<std::pair<double, size_t>> pairs;
    for (size_t row = 0; row < rows.size(); ++row) {
      double product = 0;
      for (size_t i = 0; i < rows[row].size(); ++i) product += rows[query][i] * rows[row][i];
      if (row != query) pairs.emplace_back(-product, row);
    }
    std::sort(pairs.begin(), pairs.end());
    const Json& entry = (*sheet)["queries"][query];
    EXPECT_EQ(entry["image"], Picture(run, images[query]));
    ASSERT_EQ(entry["neighbors"].size(), 5u);
    for (size_t i = 0; i < 5; ++i) {
      EXPECT_EQ(entry["neighbors"][i]["image"], Picture(run, images[pairs[i].second]));
      EXPECT_EQ(
          Compare<double>({entry["neighbors"][i]["similarity"].get<double>()}, {-pairs[i].first},
                          ErrorBound(4 * static_cast<int64_t>(rows[0].size()), 1, kDoubleEpsilon)),
          absl::OkStatus());
    }
  }
}

TEST(NeighborSheetTest, ASignalStopsItAndTheSameStageWritesIt) {
  TestRun run("neighbors_stopped", Spec());
  const auto results =
      RunStages(run.context(), StagesUpTo(BuildStages(Spec()), StageKind::kRandom));
  ASSERT_TRUE(results.ok()) << results.status();
  const auto cell = ArchitectureOf(*results, "found");
  ASSERT_TRUE(cell.ok()) << cell.status();
  const auto model = MakePretrainModel(run.context(), *cell);
  ASSERT_TRUE(model.ok()) << model.status();
  const std::string path = JoinPath(run.path(), "neighbors.json");
  SetShutdownSignal(SIGTERM);
  const absl::Status stopped =
      WriteNeighborSheet(run.context(), path, {.train = {0, 1, 2}}, kBatch, **model);
  SetShutdownSignal(0);
  EXPECT_EQ(ExitCode(stopped), 143);
  EXPECT_FALSE(PathExists(path));
  ASSERT_TRUE(WriteNeighborSheet(run.context(), path, {.train = {0, 1, 2}}, kBatch, **model).ok());
  const auto sheet = ReadJsonObject(path);
  ASSERT_TRUE(sheet.ok()) << sheet.status();
  EXPECT_EQ((*sheet)["images"], 3);
  EXPECT_EQ((*sheet)["held_out_queries"], 0);
  ASSERT_EQ((*sheet)["queries"].size(), 3u);
  EXPECT_EQ((*sheet)["queries"][0]["neighbors"].size(), 2u);  // all others
}

TEST(NeighborSheetTest, LargeImagesAreMadeSmaller) {
  ExperimentSpec spec = TinySpec({"dataset.config.size=120", "dataset.config.train_images=3"});
  TestRun run("neighbors_large", spec);
  const auto cell = RandomArchitecture(spec.space(), 1, 0);
  ASSERT_TRUE(cell.ok()) << cell.status();
  const auto model = MakePretrainModel(run.context(), *cell);
  ASSERT_TRUE(model.ok()) << model.status();
  const std::string path = JoinPath(run.path(), "neighbors.json");
  ASSERT_TRUE(WriteNeighborSheet(run.context(), path, {.train = {0, 1}}, kBatch, **model).ok());
  std::string png;
  const auto sheet = ReadJsonObject(path);
  ASSERT_TRUE(sheet.ok()) << sheet.status();
  ASSERT_TRUE(absl::Base64Unescape((*sheet)["queries"][0]["image"].get<std::string>(), &png));
  // Width and height stand at bytes 16 to 23 of any PNG.
  EXPECT_EQ(png.substr(16, 8), std::string("\0\0\0\x60\0\0\0\x60", 8));
}

}  // namespace
}  // namespace ssnas
