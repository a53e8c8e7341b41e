#include "ssnas/networks/describe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "ssnas/networks/darts_space.h"
#include "ssnas/networks/genotype.h"

namespace ssnas {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Architecture TestCell() {
  return ParseArchitecture(
             "Genotype(normal=[('sep_conv_3x3', 0), ('skip_connect', 1), ('dil_conv_5x5', 2), "
             "('skip_connect', 0)], normal_concat=[2, 3], reduce=[('max_pool_3x3', 0), "
             "('skip_connect', 1)], reduce_concat=[2])",
             "test")
      .value();
}

TEST(DescribeTest, Derived) {
  const auto text = DescribeDerived(TestCell(), {.cells = 4, .channels = 8});
  ASSERT_TRUE(text.ok()) << text.status();
  // Cell 0: preprocessing 2 × (24·8 + 16), sep_conv_3x3 2·(9·8 + 8·8 + 16), dil_conv_5x5 25·8 + 8·8
  // + 16.
  EXPECT_EQ(*text,
            "normal cell      nodes: 0 = cell k−2, 1 = cell k−1, out = 2‖3\n"
            "  2 ← sep_conv_3x3(0) + skip_connect(1)\n"
            "  3 ← dil_conv_5x5(2) + skip_connect(0)\n"
            "reduction cell   nodes: 0 = cell k−2, 1 = cell k−1, out = 2\n"
            "  2 ← max_pool_3x3(0) + skip_connect(1)\n"
            "parameters: 11882     multiply-adds: 3,037,824 (convolutions and classifier)     "
            "4 cells, 8 channels, 32×32 → 10 classes\n"
            "\n"
            "layer                 output     parameters   multiply-adds\n"
            "stem                  32×32×24          696         663,552\n"
            "cells.0               32×32×16        1,000         942,080\n"
            "cells.1 (reduction)   16×16×16          992         720,896\n"
            "cells.2 (reduction)   8×8×32          2,240         327,680\n"
            "cells.3               8×8×64          6,304         382,976\n"
            "pooling               1×1×64              0               0\n"
            "classifier            10                650             640\n");
}

TEST(DescribeTest, Supernet) {
  SearchSpace space = DartsSpace();
  space.set_nodes(2);
  const auto text =
      DescribeSupernet(space, {.cells = 1, .channels = 2, .num_classes = 0, .image_size = 8});
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_THAT(*text, HasSubstr("every cell       nodes: 0 = cell k−2, 1 = cell k−1, out = 2‖3\n"
                               "  2 ← mixture(0) + mixture(1)\n"
                               "  3 ← mixture(0) + mixture(1) + mixture(2)\n"
                               "mixture = Σ softmax(α) · operation over none, max_pool_3x3, "));
  EXPECT_THAT(*text, HasSubstr("80 alphas (5 edges × 8 operations × 2 kinds of cells), not "
                               "counted below\nparameters: "));
  EXPECT_THAT(*text, HasSubstr("     1 cells, 2 channels, 8×8 → h of 8\n"));
  EXPECT_THAT(*text, HasSubstr("\ncells.0 (reduction)   4×4×8"));
  EXPECT_THAT(*text, Not(HasSubstr("classifier   ")));
}

TEST(DescribeTest, StemByImageSizeOrName) {
  const auto stem = [](int64_t size, NetworkSpec::Stem stem) {
    const std::string text =
        DescribeDerived(TestCell(), {.cells = 3, .channels = 8, .image_size = size, .stem = stem})
            .value();
    return text.find("\nstem0 ") != std::string::npos ? "imagenet" : "cifar";
  };
  EXPECT_STREQ(stem(127, NetworkSpec::AUTO), "cifar");
  EXPECT_STREQ(stem(128, NetworkSpec::AUTO), "imagenet");
  EXPECT_STREQ(stem(128, NetworkSpec::CIFAR), "cifar");
  EXPECT_STREQ(stem(64, NetworkSpec::IMAGENET), "imagenet");
}

TEST(DescribeTest, RefusesNetworksThatCannotBe) {
  EXPECT_EQ(DescribeDerived(TestCell(), {.cells = 0}).status().message(),
            "a network of 0 cells; there can be 1 to 1000");
  EXPECT_EQ(DescribeDerived(TestCell(), {.num_classes = -1}).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(DescribeSupernet(DartsSpace(), {.image_size = 0}).status().code(),
            absl::StatusCode::kInvalidArgument);
  // The largest that is allowed in each direction, all at once: a number or a refusal.
  const DescribeOptions largest{.cells = 1000, .channels = 1 << 14, .image_size = 1 << 14};
  const auto text = DescribeDerived(TestCell(), largest);
  EXPECT_TRUE(text.ok() || text.status().code() == absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace ssnas
