#include "ssnas/networks/counting.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <utility>

#include "ssnas/core/file.h"
#include "ssnas/networks/darts_space.h"
#include "ssnas/networks/genotype.h"

namespace ssnas {
namespace {

struct Published {
  const char* file;
  int64_t cifar_parameters, imagenet_parameters;
  int64_t cifar_multiply_adds;
  int64_t imagenet_multiply_adds;  // in units of imagenet_unit
  int64_t imagenet_unit;           // what the source rounds to
};

void PrintTo(const Published& value, std::ostream* out) { *out << value.file; }

NetworkWork Count(const std::string& file, DerivedOptions options, int classes) {
  const auto text = ReadFile("ssnas/networks/testdata/" + file, 1 << 20);
  EXPECT_TRUE(text.ok()) << text.status();
  const auto cell = ParseArchitecture(text.value_or(""), file);
  EXPECT_TRUE(cell.ok()) << cell.status();
  const auto plan = PlanDerived(*cell, options);
  EXPECT_TRUE(plan.ok()) << plan.status();
  const auto work = CountWork(*plan, options.image_size, 3, classes);
  EXPECT_TRUE(work.ok()) << work.status();
  return work.value_or(NetworkWork{});
}

class PublishedTest : public ::testing::TestWithParam<Published> {};

TEST_P(PublishedTest, Cifar) {
  const Published& published = GetParam();
  for (const bool auxiliary : {false, true}) {
    const NetworkWork work =
        Count(published.file,
              {.cells = 20, .channels = 36, .image_size = 32, .auxiliary = auxiliary}, 10);
    EXPECT_EQ(work.parameters, published.cifar_parameters);
    EXPECT_EQ(work.multiply_adds, published.cifar_multiply_adds);
    EXPECT_EQ(work.alphas, 0);
  }
}

TEST_P(PublishedTest, ImageNet) {
  const Published& published = GetParam();
  const NetworkWork work = Count(
      published.file, {.cells = 14, .channels = 48, .image_size = 224, .auxiliary = true}, 1000);
  EXPECT_EQ(work.parameters, published.imagenet_parameters);
  const int64_t unit = published.imagenet_unit;
  EXPECT_EQ((work.multiply_adds + unit / 2) / unit, published.imagenet_multiply_adds);
}

// Published sizes; multiply-adds of convolutions and classifier counted independently.
INSTANTIATE_TEST_SUITE_P(
    Genotypes, PublishedTest,
    ::testing::Values(Published{"darts_v1.txt", 3'169'414, 4'510'432, 500'987'520, 505'865, 1000},
                      Published{"darts_v2.txt", 3'349'342, 4'718'752, 528'359'040, 529'911'552, 1},
                      Published{"pc_darts.txt", 3'634'678, 5'270'560, 556'670'592, 571'137, 1000},
                      Published{"p_darts.textproto", 3'433'798, 4'944'352, 532'174'464, 542'819,
                                1000}));

TEST(CountWorkTest, Supernet) {
  const auto plan = PlanSupernet(DartsSpace(), 8, 16, 3);
  ASSERT_TRUE(plan.ok()) << plan.status();
  const NetworkWork work = CountWork(*plan, 32, 3, 10).value();
  EXPECT_EQ(work.parameters, 1'930'618);
  EXPECT_EQ(work.alphas, 224);
  EXPECT_EQ(work.representation_size, 256);
  // The projection head 256 → 256 → 128, with biases, in place of the classifier.
  const int64_t head = 256 * 256 + 256 + 256 * 128 + 128;
  EXPECT_EQ(CountWork(*plan, 32, 3, 0)->parameters + head, 2'026'736);
}

TEST(CountWorkTest, OneCellOfTheSupernetWithoutItsPreprocessing) {
  const NetworkPlan plan = PlanSupernet(DartsSpace(), 8, 16, 3).value();
  const NetworkWork work = CountWork(plan, 32, 3, 10).value();
  ASSERT_EQ(work.blocks.size(), 9u);
  // Cell 1 reads the stem's 48 channels and cell 0's 64.
  EXPECT_EQ(work.blocks[2].name, "cells.1");
  EXPECT_EQ(work.blocks[2].parameters - 16 * (48 + 64), 44'352);
  EXPECT_EQ(work.blocks[2].output, (Shape4{1, 32, 32, 64}));
}

TEST(CountWorkTest, BlocksAddUpToTheNetwork) {
  const NetworkWork work =
      Count("darts_v2.txt", {.cells = 20, .channels = 36, .auxiliary = true}, 10);
  int64_t parameters = 0, multiply_adds = 0;
  for (const BlockWork& block : work.blocks) {
    EXPECT_NE(block.name, "auxiliary");
    parameters += block.parameters;
    multiply_adds += block.multiply_adds;
  }
  EXPECT_EQ(work.blocks.size(), 21u);
  // The stem: a 3×3 convolution of 3 to 108 channels, and its norm's scale and shift.
  EXPECT_EQ(work.blocks[0].parameters, 3 * 9 * 108 + 2 * 108);
  EXPECT_EQ(work.blocks[0].multiply_adds, int64_t{32 * 32} * 3 * 9 * 108);
  EXPECT_EQ(work.representation_size, 576);
  EXPECT_EQ(parameters + 10 * 577, work.parameters);
  EXPECT_EQ(multiply_adds + 10 * 576, work.multiply_adds);
}

TEST(CountWorkTest, RefusesSizesThatAreNone) {
  const NetworkPlan plan = PlanSupernet(DartsSpace(), 3, 2, 3).value();
  EXPECT_EQ(CountWork(plan, 0, 3, 10).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CountWork(plan, 32, 1, 10).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CountWork(plan, 32, 3, -1).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CountWork(plan, int64_t{1} << 40, 3, 10).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace ssnas
