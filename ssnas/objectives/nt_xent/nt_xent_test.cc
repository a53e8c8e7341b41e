#include "ssnas/objectives/nt_xent/nt_xent.h"

#include <gtest/gtest.h>

#include <vector>

#include "ssnas/core/parallel_for.h"
#include "ssnas/objectives/nt_xent/nt_xent_loss.h"

namespace ssnas {
namespace {

TEST(NtXentTest, TheHeadOfThePaperSizeSupernet) {
  const auto objective = MakeNtXent(NtXentConfig());
  ASSERT_TRUE(objective.ok()) << objective.status();
  const auto specs = (*objective)->Parameters({.representation_size = 256});
  ASSERT_TRUE(specs.ok()) << specs.status();
  int64_t count = 0;
  for (const ParameterSpec& spec : *specs) {
    count += spec.count();
    EXPECT_EQ(spec.init, Init::kUniformFanIn) << spec.name;
    EXPECT_EQ(spec.fan_in, 256) << spec.name;
  }
  // facts.md: 2,026,736 with this head, 1,930,618 with a classifier of 10 classes.
  EXPECT_EQ(count, 2026736 - (1930618 - 2570));
  ASSERT_EQ(specs->size(), 4u);
  EXPECT_EQ((*specs)[0].name, "projection.linear1.weight");
  EXPECT_EQ((*specs)[2].shape, (std::vector<int64_t>{128, 256}));
}

TEST(NtXentTest, TheHeadIsTwoLayersWithAReluBetween) {
  NtXentConfig config;
  config.set_projection_size(2);
  config.set_hidden_size(2);
  const auto objective = MakeNtXent(config);
  ASSERT_TRUE(objective.ok()) << objective.status();
  // W₁ = (1, −1)ᵀ, b₁ = (0, 1), W₂ = (2 0; 1 1), b₂ = (1, 0) on h = 2, −3, 1, −1.
  const std::vector<double> weights = {1, -1, 0, 1, 2, 0, 1, 1, 1, 0};
  const std::vector<double> h = {2, -3, 1, -1};
  const auto value =
      (*objective)
          ->Evaluate(
              {.representation_size = 1},
              ObjectiveArgs<double>{
                  .rows = 4, .representation = h.data(), .labels = {}, .weights = weights.data()});
  ASSERT_TRUE(value.ok()) << value.status();
  // relu(W₁h + b₁) = (2, 0), (0, 4), (1, 0), (0, 2).
  const std::vector<double> z = {5, 2, 1, 4, 3, 1, 1, 2};
  EXPECT_EQ(value->loss, NtXentLoss<double>(z.data(), 4, 2, 0.5, nullptr, SerialFor).loss);
}

TEST(NtXentTest, HasNoUseForAnAuxiliaryHead) {
  const auto objective = MakeNtXent(NtXentConfig());
  ASSERT_TRUE(objective.ok()) << objective.status();
  EXPECT_EQ(
      (*objective)->Parameters({.representation_size = 4, .auxiliary_size = 4}).status(),
      absl::InvalidArgumentError("nt_xent has no use for an auxiliary head; leave `auxiliary` "
                                 "of the network at 0"));
}

}  // namespace
}  // namespace ssnas
