#include "ssnas/datasets/loader.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "google/protobuf/text_format.h"
#include "ssnas/core/testing/compare.h"
#include "ssnas/datasets/packed_images.h"

namespace ssnas {
namespace {

ViewPipeline MakePipeline(const std::vector<std::string>& names) {
  google::protobuf::RepeatedPtrField<PluginSpec> steps;
  for (const std::string& name : names) steps.Add()->set_name(name);
  auto pipeline = ViewPipeline::Create(steps);
  EXPECT_TRUE(pipeline.ok()) << pipeline.status();
  return *std::move(pipeline);
}

PackedImages MakeImages(int count) {
  std::vector<uint8_t> pixels(count * 5 * 4);
  for (size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<uint8_t>(i * i * 3 + i);
  return PackedImages(5, 4, 1, std::move(pixels));
}

std::vector<int64_t> Order(int64_t count) {
  std::vector<int64_t> order(count);
  for (int64_t i = 0; i < count; ++i) order[i] = (i * 7 + 3) % count;
  return order;
}

// Every batch until the end of the epoch.
std::vector<Batch> Drain(Loader& loader) {
  std::vector<Batch> batches;
  while (true) {
    absl::StatusOr<std::optional<Batch>> batch = loader.Next();
    EXPECT_TRUE(batch.ok()) << batch.status();
    if (!batch.ok() || !batch->has_value()) return batches;
    batches.push_back(**std::move(batch));
  }
}

void ExpectSame(const std::vector<Batch>& a, const std::vector<Batch>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].indices, b[i].indices);
    EXPECT_EQ(a[i].shape, b[i].shape);
    EXPECT_EQ(CompareBits<float>(a[i].pixels, b[i].pixels), absl::OkStatus());
  }
}

class LoaderTest : public ::testing::TestWithParam<int> {
 protected:
  LoaderOptions Options() const {
    return {.views = 2, .batch = 6, .seed = 3, .workers = GetParam(), .queue = 2};
  }

  const PackedImages images_ = MakeImages(40);
  const ViewPipeline pipeline_ =
      MakePipeline({"random_resized_crop", "flip", "color_jitter", "grayscale"});
};

// A view at a time, in order of views, then images.
TEST_P(LoaderTest, ABatchIsItsViewsInOrder) {
  Loader loader(&images_, &pipeline_, Options());
  const std::vector<int64_t> order = Order(40);
  loader.Start(order, 2);
  const std::vector<Batch> batches = Drain(loader);
  ASSERT_EQ(batches.size(), 6u);  // the last 4 images are dropped
  for (size_t i = 0; i < batches.size(); ++i) {
    EXPECT_EQ(batches[i].indices,
              std::vector<int64_t>(order.begin() + 6 * i, order.begin() + 6 * (i + 1)));
    EXPECT_EQ(batches[i].shape, (Shape4{.n = 12, .h = 32, .w = 32, .c = 3}));
    std::vector<float> expected;
    for (int view = 0; view < 2; ++view) {
      for (const int64_t index : batches[i].indices) {
        const FloatImage made = pipeline_.MakeView(images_.Get(index), 3, 2, index, view);
        expected.insert(expected.end(), made.pixels.begin(), made.pixels.end());
      }
    }
    EXPECT_EQ(CompareBits<float>(batches[i].pixels, expected), absl::OkStatus());
  }
}

TEST_P(LoaderTest, StartsInTheMiddleOfAnEpoch) {
  Loader loader(&images_, &pipeline_, Options());
  loader.Start(Order(40), 1);
  std::vector<Batch> all = Drain(loader);
  loader.Start(Order(40), 1, /*first_batch=*/4);
  all.erase(all.begin(), all.begin() + 4);
  ExpectSame(Drain(loader), all);
  loader.Start(Order(40), 1, /*first_batch=*/6);
  EXPECT_TRUE(Drain(loader).empty());
}

TEST_P(LoaderTest, StartingAgainDropsWhatWasUnderWay) {
  Loader fresh(&images_, &pipeline_, Options());
  fresh.Start(Order(40), 5);
  const std::vector<Batch> expected = Drain(fresh);
  Loader loader(&images_, &pipeline_, Options());
  for (int taken = 0; taken < 4; ++taken) {
    loader.Start(Order(30), taken);
    for (int i = 0; i < taken; ++i) ASSERT_TRUE(loader.Next().ok());
  }
  loader.Start(Order(40), 5);
  ExpectSame(Drain(loader), expected);
}

TEST_P(LoaderTest, TheLastBatchMayBeSmaller) {
  LoaderOptions options = Options();
  options.views = 1;
  options.drop_last = false;
  Loader loader(&images_, &pipeline_, options);
  loader.Start(Order(40), 0);
  std::vector<Batch> batches = Drain(loader);
  ASSERT_EQ(batches.size(), 7u);
  EXPECT_EQ(batches[6].indices.size(), 4u);
  EXPECT_EQ(batches[6].shape, (Shape4{.n = 4, .h = 32, .w = 32, .c = 3}));
  loader.Start({}, 0);
  EXPECT_TRUE(Drain(loader).empty());
}

TEST_P(LoaderTest, EndsWhileBatchesAreUnderWay) {
  for (int taken = 0; taken < 3; ++taken) {
    Loader loader(&images_, &pipeline_, Options());
    loader.Start(Order(40), 0);
    for (int i = 0; i < taken; ++i) ASSERT_TRUE(loader.Next().ok());
  }
  Loader idle(&images_, &pipeline_, Options());
  EXPECT_FALSE((*idle.Next()).has_value()) << "nothing was started";
}

// The batches before it come first, and the error comes again.
TEST_P(LoaderTest, PassesErrorsOnInTheirPlace) {
  Loader loader(&images_, &pipeline_, Options());
  std::vector<int64_t> order = Order(40);
  order[20] = 40;
  loader.Start(order, 0);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(loader.Next().ok());
  for (int i = 0; i < 2; ++i) {
    const absl::Status status = loader.Next().status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(status.message(), "image 40 of a set of 40");
  }
  loader.Start(Order(40), 0);
  EXPECT_EQ(Drain(loader).size(), 6u);
}

// Images of two sizes, or of a number of channels that no view has.
class OddImages : public ImageSet {
 public:
  explicit OddImages(int channels) : channels_(channels) {}
  int64_t size() const override { return 8; }
  ImageView Get(int64_t index) const override {
    return {
        .pixels = bytes_.data(), .height = index < 7 ? 3 : 4, .width = 4, .channels = channels_};
  }

 private:
  const int channels_;
  const std::vector<uint8_t> bytes_ = std::vector<uint8_t>(100);
};

TEST_P(LoaderTest, NamesImagesThatDoNotFit) {
  const ViewPipeline plain = MakePipeline({"flip"});
  const OddImages sizes(1), channels(4);
  LoaderOptions options = Options();
  options.batch = 8;
  Loader of_sizes(&sizes, &plain, options), of_channels(&channels, &plain, options);
  of_sizes.Start(Order(8), 0);
  EXPECT_EQ(of_sizes.Next().status().message(),
            "the view of image 7 is 4×4, others of its batch are 3×4; images of different sizes "
            "need random_resized_crop or resize among the augmentations");
  of_channels.Start(Order(8), 0);
  EXPECT_EQ(of_channels.Next().status().message(),
            "image 3 is 3×4 with 4 channels; expected pixels of 1 or 3 channels");
}

TEST_P(LoaderTest, CountsTheSecondsItWaited) {
  Loader loader(&images_, &pipeline_, Options());
  EXPECT_EQ(loader.seconds_waited(), 0);
  loader.Start(Order(40), 0);
  Drain(loader);
  EXPECT_GT(loader.seconds_waited(), 0);
}

INSTANTIATE_TEST_SUITE_P(Workers, LoaderTest, ::testing::Values(0, 1, 2, 3, 4),
                         ::testing::PrintToStringParamName());

}  // namespace
}  // namespace ssnas
