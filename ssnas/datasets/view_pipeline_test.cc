#include "ssnas/datasets/view_pipeline.h"

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "google/protobuf/text_format.h"
#include "ssnas/core/testing/compare.h"

namespace ssnas {
namespace {

using Steps = google::protobuf::RepeatedPtrField<PluginSpec>;

// Plugins as textprotos of PluginSpec.
Steps MakeSteps(const std::vector<std::string>& texts) {
  Steps steps;
  for (const std::string& text : texts) {
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, steps.Add())) << text;
  }
  return steps;
}

constexpr char kCrop[] =
    "name: 'random_resized_crop' config { [type.googleapis.com/ssnas.RandomResizedCropConfig] { "
    "size: 24 } }";
const std::vector<std::string> kSimClr = {kCrop, "name: 'flip'", "name: 'color_jitter'",
                                          "name: 'grayscale'", "name: 'gaussian_blur'"};

ViewPipeline Make(const std::vector<std::string>& texts) {
  auto pipeline = ViewPipeline::Create(MakeSteps(texts));
  EXPECT_TRUE(pipeline.ok()) << pipeline.status();
  return *std::move(pipeline);
}

std::vector<uint8_t> Bytes(int count) {
  std::vector<uint8_t> bytes(count);
  for (int i = 0; i < count; ++i) bytes[i] = static_cast<uint8_t>(i * i * 7 + i * 31);
  return bytes;
}

TEST(ViewPipelineTest, BytesBecomeFloatsAndGreyBecomesThreeChannels) {
  const std::vector<uint8_t> bytes = {0, 255, 51, 102, 204, 1};
  const ViewPipeline plain = Make({});
  const FloatImage color = plain.MakeView({bytes.data(), 1, 2, 3}, 1, 0, 0, 0);
  const double last = 1 / 255.0;
  EXPECT_EQ(
      Compare<float>(color.pixels, {0, 1, 0.2, 0.4, 0.8, last}, ErrorBound(1, 1, kFloatEpsilon)),
      absl::OkStatus());
  const FloatImage grey = plain.MakeView({bytes.data(), 2, 1, 1}, 1, 0, 0, 0);
  EXPECT_EQ(grey.channels, 3);
  EXPECT_EQ(grey.pixels, (std::vector<float>{0, 0, 0, 1, 1, 1}));
  EXPECT_EQ(plain.OutputSize(28), 28);
}

TEST(ViewPipelineTest, AViewDependsOnSeedEpochSampleAndViewAlone) {
  const std::vector<uint8_t> bytes = Bytes(28 * 28);
  const ImageView image = {bytes.data(), 28, 28, 1};
  const ViewPipeline pipeline = Make(kSimClr);
  std::set<std::vector<float>> views;
  for (const uint64_t seed : {1, 2}) {
    for (const uint64_t epoch : {0, 1}) {
      for (const int64_t sample : {0, 70000}) {
        for (const int view : {0, 1, 255}) {
          const FloatImage made = pipeline.MakeView(image, seed, epoch, sample, view);
          EXPECT_EQ(made.height, 24);
          EXPECT_EQ(
              CompareBits<float>(made.pixels,
                                 Make(kSimClr).MakeView(image, seed, epoch, sample, view).pixels),
              absl::OkStatus());
          views.insert(made.pixels);
        }
      }
    }
  }
  EXPECT_EQ(views.size(), 24u);
  EXPECT_EQ(pipeline.OutputSize(28), 24);
}

// What differs after a small cutout is the zeros that it set.
TEST(ViewPipelineTest, AStepAtTheEndChangesNothingBeforeIt) {
  const std::vector<uint8_t> bytes = Bytes(20 * 31 * 3);
  const ImageView image = {bytes.data(), 20, 31, 3};
  std::vector<std::string> longer = kSimClr;
  longer.push_back(
      "name: 'cutout' config { [type.googleapis.com/ssnas.CutoutConfig] { length: 3 } }");
  for (int64_t sample = 0; sample < 10; ++sample) {
    const FloatImage before = Make(kSimClr).MakeView(image, 1, 2, sample, 1);
    const FloatImage after = Make(longer).MakeView(image, 1, 2, sample, 1);
    int changed = 0;
    for (size_t i = 0; i < before.pixels.size(); ++i) {
      if (after.pixels[i] != before.pixels[i]) {
        EXPECT_EQ(after.pixels[i], 0);
        ++changed;
      }
    }
    EXPECT_LE(changed, 27);
  }
}

// Two steps of one name draw different numbers.
TEST(ViewPipelineTest, StepsHaveStreamsOfTheirOwn) {
  const std::vector<uint8_t> bytes = {0, 255};
  const ViewPipeline twice = Make({"name: 'flip'", "name: 'flip'"});
  std::set<float> first;
  for (int64_t sample = 0; sample < 50; ++sample) {
    first.insert(twice.MakeView({bytes.data(), 1, 2, 1}, 1, 0, sample, 0).pixels[0]);
  }
  EXPECT_EQ(first.size(), 2u) << "two equal draws would flip twice or not at all";
}

TEST(ViewPipelineTest, PassesOnWhatIsWrongWithAStep) {
  EXPECT_EQ(ViewPipeline::Create(MakeSteps({"name: 'filp'"})).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(ViewPipeline::Create(MakeSteps({"name: 'normalize'"})).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ViewPipeline::Create(MakeSteps(std::vector<std::string>(256, "name: 'flip'")))
                .status()
                .message(),
            "256 augmentations; give at most 255");
}

}  // namespace
}  // namespace ssnas
