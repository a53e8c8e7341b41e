#include "ssnas/datasets/augmentations/random_resized_crop/random_resized_crop.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include <gtest/gtest.h>

#include "ssnas/datasets/augmentations/random_resized_crop/random_resized_crop.pb.h"
#include "ssnas/datasets/augmentations/testing/image_checks.h"

namespace ssnas {
namespace {

std::unique_ptr<RandomResizedCrop> Make(const RandomResizedCropConfig& config) {
  auto made = RandomResizedCrop::Create(config);
  EXPECT_TRUE(made.ok()) << made.status();
  return std::unique_ptr<RandomResizedCrop>(static_cast<RandomResizedCrop*>(made->release()));
}

TEST(RandomResizedCropTest, HasTheDefaultsOfSimClr) {
  const RandomResizedCropConfig config;
  EXPECT_EQ(config.min_area(), 0.08);
  EXPECT_EQ(config.max_area(), 1);
  EXPECT_EQ(config.min_aspect(), 3.0 / 4);
  EXPECT_EQ(config.max_aspect(), 4.0 / 3);
}

// A side is rounded by half a pixel at most, so area and aspect stay within what that allows.
TEST(RandomResizedCropTest, BoxesKeepToAreaAndAspectAndReachTheBorders) {
  const auto crop = Make(RandomResizedCropConfig());
  int smallest = 32 * 32, largest = 0, left = 32, right = 0;
  for (int i = 0; i < 5000; ++i) {
    Philox random = TestStream(i);
    const CropBox box = crop->DrawBox(random, 32, 32);
    ASSERT_GE(box.top, 0);
    ASSERT_GE(box.left, 0);
    ASSERT_LE(box.top + box.height, 32);
    ASSERT_LE(box.left + box.width, 32);
    ASSERT_GE((box.width + 0.5) / (box.height - 0.5), 0.75);
    ASSERT_LE((box.width - 0.5) / (box.height + 0.5), 4.0 / 3);
    ASSERT_GE((box.width + 0.5) * (box.height + 0.5), 0.08 * 32 * 32);
    smallest = std::min(smallest, box.width * box.height);
    largest = std::max(largest, box.width * box.height);
    left = std::min(left, box.left);
    right = std::max(right, box.left + box.width);
  }
  EXPECT_LT(smallest, 0.09 * 32 * 32);
  EXPECT_GT(largest, 0.95 * 32 * 32);
  EXPECT_EQ(left, 0);
  EXPECT_EQ(right, 32);
}

// The draws restated for a box that fits at once: area, aspect; after ten of these pairs, y and x.
TEST(RandomResizedCropTest, DrawsAreaAspectAndPlace) {
  RandomResizedCropConfig config;
  config.set_max_area(0.5);
  const auto crop = Make(config);
  for (int i = 0; i < 100; ++i) {
    Philox drawn = TestStream(i), random = TestStream(i);
    const double area = drawn.Uniform(0.08, 0.5) * 40 * 50;
    const double aspect = std::exp(drawn.Uniform(std::log(3.0 / 4), std::log(4.0 / 3)));
    const int width = static_cast<int>(std::lround(std::sqrt(area * aspect)));
    const int height = static_cast<int>(std::lround(std::sqrt(area / aspect)));
    for (int unused = 0; unused < 18; ++unused) drawn.Uniform();
    const int top = static_cast<int>(std::floor(drawn.Uniform(0, 40 - height + 1)));
    const int left = static_cast<int>(std::floor(drawn.Uniform(0, 50 - width + 1)));
    EXPECT_EQ(crop->DrawBox(random, 40, 50),
              (CropBox{.top = top, .left = left, .height = height, .width = width}));
  }
}

// torchvision: a central box with the nearest aspect that is allowed.
TEST(RandomResizedCropTest, TakesTheMiddleOfWhatFitsNoBox) {
  RandomResizedCropConfig config;
  config.set_min_area(1);
  const auto crop = Make(config);
  Philox random = TestStream(0);
  EXPECT_EQ(crop->DrawBox(random, 30, 200),
            (CropBox{.top = 0, .left = 80, .height = 30, .width = 40}));
  EXPECT_EQ(crop->DrawBox(random, 201, 30),
            (CropBox{.top = 80, .left = 0, .height = 40, .width = 30}));
  EXPECT_EQ(crop->DrawBox(random, 1, 1), (CropBox{.top = 0, .left = 0, .height = 1, .width = 1}));
}

TEST(RandomResizedCropTest, ResizesTheBoxThatItDrew) {
  RandomResizedCropConfig config;
  config.set_size(7);
  const auto crop = Make(config);
  Philox drawn = TestStream(3), random = TestStream(3);
  FloatImage expected = PatternImage(20, 24, 3), image = expected;
  CropAndResize(crop->DrawBox(drawn, 20, 24), 7, 7, expected);
  crop->Apply(random, image);
  EXPECT_EQ(image.height, 7);
  EXPECT_EQ(image.width, 7);
  EXPECT_EQ(image.pixels, expected.pixels);
  EXPECT_EQ(crop->OutputSize(), 7);
}

TEST(RandomResizedCropTest, WantsItsBoundsInOrder) {
  RandomResizedCropConfig config;
  config.set_max_area(0.05);
  EXPECT_EQ(RandomResizedCrop::Create(config).status().message(),
            "random_resized_crop: min_area 0.08 is more than max_area 0.05");
  config.clear_max_area();
  config.set_min_aspect(2);
  EXPECT_EQ(RandomResizedCrop::Create(config).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace ssnas
