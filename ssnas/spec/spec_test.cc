#include "ssnas/spec/spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include "ssnas/spec/testing/test_plugins.pb.h"

namespace ssnas {
namespace {

using ::google::protobuf::util::MessageDifferencer;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kSpec[] = R"(
name: 'ti' "ny"  # two strings side by side are one
dataset { name: "pictures" }
objective {
  name: "contrast"
  config { [type.googleapis.com/ssnas.TestLossConfig] { temperature: 0.1 } }
}
augmentation { name: "flip" }
augmentation {
  config { direction: RIGHT mean: [3] weight { key: "b" value: 2 } weight { key: "a" value: 1 } }
  name: "wobble"
}
space { candidate { name: "none" } candidate { name: "conv_5x5" } nodes: 0x2 }
search {
  epochs: 3, weights < learning_rate: 1e-1; final_learning_rate: 0.01f >;
  seeds: [1, 2] seeds: 3
}
pretrain: { sgd { clip_norm: .5 momentum: 1. } }
)";

ExperimentSpec Load(const std::string& text) {
  absl::StatusOr<ExperimentSpec> spec = LoadSpec(text, "tiny.textproto", {});
  EXPECT_TRUE(spec.ok()) << spec.status();
  return spec.ok() ? *spec : ExperimentSpec();
}

ExperimentSpec Resolve(const std::string& text) {
  absl::StatusOr<ExperimentSpec> spec = ResolveSpec(Load(text));
  EXPECT_TRUE(spec.ok()) << spec.status();
  return spec.ok() ? *spec : ExperimentSpec();
}

template <typename Config>
Config ConfigOf(const PluginSpec& plugin) {
  Config config;
  EXPECT_TRUE(plugin.config().UnpackTo(&config)) << plugin.DebugString();
  return config;
}

TEST(LoadSpecTest, ReadsWhatWasWrittenAndNothingElse) {
  const ExperimentSpec spec = Load(kSpec);
  EXPECT_EQ(spec.name(), "tiny");
  EXPECT_FALSE(spec.has_seed());
  EXPECT_FALSE(spec.has_random());
  EXPECT_EQ(spec.space().nodes(), 2);
  EXPECT_EQ(spec.search().weights().learning_rate(), 0.1);
  EXPECT_EQ(spec.search().weights().final_learning_rate(), 0.01);
  EXPECT_THAT(spec.search().seeds(), ElementsAre(1, 2, 3));
  EXPECT_EQ(spec.pretrain().sgd().clip_norm(), 0.5);
  EXPECT_EQ(spec.pretrain().sgd().momentum(), 1);
  const auto loss = ConfigOf<TestLossConfig>(spec.objective());
  EXPECT_EQ(loss.temperature(), 0.1);
  EXPECT_FALSE(loss.has_projection_size());
  // The type of a config that names none is the plugin's, also where the plugin's name comes later.
  const auto wobble = ConfigOf<TestWobbleConfig>(spec.augmentation(1));
  EXPECT_EQ(wobble.direction(), TestWobbleConfig::RIGHT);
  EXPECT_THAT(wobble.mean(), ElementsAre(3));
}

TEST(LoadSpecTest, BoundsAreInclusiveWhereTheySay) {
  const std::string head =
      "name: 'x' dataset { name: 'pictures' } objective { name: 'contrast' } "
      "space { candidate { name: 'none' } } ";
  EXPECT_EQ(Load(head + "search { epochs: 1 }").search().epochs(), 1);
  EXPECT_EQ(Load(head + "search { epochs: 100000 }").search().epochs(), 100000);
  EXPECT_EQ(Load(head + "seed: 18446744073709551615 search {}").seed(), 18446744073709551615u);
  EXPECT_EQ(Load(head + "search { weights { momentum: 1 } }").search().weights().momentum(), 1);
}

TEST(LoadSpecTest, NestingIsCappedNotTheFilesDepth) {
  std::string inner = "name: 'contrast'";
  for (int i = 0; i < 12; ++i)
    inner = absl::StrCat("name: 'contrast' config { inner { ", inner, " } }");
  const absl::StatusOr<ExperimentSpec> spec = LoadSpec(
      absl::StrCat("name: 'x' dataset { name: 'pictures' } space { candidate { name: 'none' } } "
                   "search {} objective { ",
                   inner, " }"),
      "deep.textproto", {});
  EXPECT_TRUE(spec.ok()) << spec.status();
}

TEST(LoadSpecTest, AFileThatIsTooLargeIsNotRead) {
  const absl::Status status =
      LoadSpec(std::string((1 << 20) + 1, ' '), "big.textproto", {}).status();
  EXPECT_EQ(
      status.message(),
      "big.textproto: 1048577 bytes; a spec has at most 1048576. Is this another kind of file?");
}

TEST(ResolveSpecTest, WritesOutEveryDefault) {
  const ExperimentSpec spec = Resolve(kSpec);
  EXPECT_TRUE(spec.has_seed());
  EXPECT_EQ(spec.seed(), 1u);
  EXPECT_TRUE(spec.search().alphas().has_beta1());
  EXPECT_EQ(spec.search().alphas().beta1(), 0.5);
  EXPECT_TRUE(spec.pretrain().network().has_stem());
  EXPECT_TRUE(spec.runtime().has_engine());
  EXPECT_EQ(spec.search().weights().learning_rate(), 0.1);
  // Presets, then what was given, then defaults.
  EXPECT_EQ(ConfigOf<TestConvConfig>(spec.space().candidate(1)).kernel(), 5);
  EXPECT_EQ(ConfigOf<TestDatasetConfig>(spec.dataset()).folder(), "here");
  EXPECT_EQ(ConfigOf<TestDatasetConfig>(spec.dataset()).images(), 100);
  const auto wobble = ConfigOf<TestWobbleConfig>(spec.augmentation(1));
  EXPECT_THAT(wobble.mean(), ElementsAre(3));
  EXPECT_TRUE(wobble.limits().has_high());
}

TEST(ResolveSpecTest, LeavesOutWhatWouldMeanSomething) {
  const ExperimentSpec spec = Resolve(kSpec);
  EXPECT_FALSE(spec.has_random());
  EXPECT_FALSE(spec.has_probe());
  EXPECT_FALSE(spec.has_evaluate());
  EXPECT_FALSE(spec.has_architecture());
  EXPECT_FALSE(ConfigOf<TestLossConfig>(spec.objective()).has_inner());
}

TEST(ResolveSpecTest, IsAFixpointThroughTheText) {
  for (const bool comments : {false, true}) {
    const ExperimentSpec once = Resolve(kSpec);
    const std::string text = PrintSpec(once, comments);
    const ExperimentSpec twice = Resolve(text);
    EXPECT_EQ(PrintSpec(twice, comments), text);
    EXPECT_TRUE(MessageDifferencer::Equals(once, twice));
  }
}

TEST(PrintSpecTest, IsTextThatProtobufReads) {
  ExperimentSpec read;
  const ExperimentSpec spec = Resolve(kSpec);
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(PrintSpec(spec, true), &read));
  EXPECT_TRUE(MessageDifferencer::Equals(spec, read));
}

TEST(PrintSpecTest, AMapsEntriesAreInOrder) {
  const std::string text = PrintSpec(Resolve(kSpec), false);
  EXPECT_THAT(
      text, HasSubstr("key: \"a\"\n        value: 1\n      }\n      weight {\n        key: \"b\""));
}

TEST(PrintSpecTest, AFieldHasItsProtosCommentItsRangeAndItsDefault) {
  const std::string text = PrintSpec(Resolve(kSpec), true);
  EXPECT_THAT(
      text,
      HasSubstr("  # Cells of the supernet. An integer from 1 to 100; default 8.\n  cells: 8\n"));
  EXPECT_THAT(
      text,
      HasSubstr("      # Temperature τ of the similarities, as SimCLR has it. A number above 0"));
  // Nested in a message, and of a message whose field has no comment of its own.
  EXPECT_THAT(text, HasSubstr("        # The lower one. An integer; default 1.\n        low: 1\n"));
  EXPECT_THAT(
      text,
      HasSubstr("  # Stochastic gradient descent with momentum and a cosine schedule.\n  sgd {\n"));
  EXPECT_THAT(
      text,
      HasSubstr("# Linear probe on the frozen representation h.\n# probe { … } is not set\n"));
  EXPECT_THAT(text, HasSubstr("  # Convolution 5×5.\n  candidate {\n    name: \"conv_5x5\"\n"));
  EXPECT_THAT(PrintSpec(Resolve(kSpec), false), Not(HasSubstr("#")));
}

TEST(ListPluginsTest, HasARowForEach) {
  const absl::StatusOr<std::string> list = ListPlugins("");
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_THAT(*list, AllOf(HasSubstr("\nobjective     contrast       Contrast of views  "),
                           HasSubstr("\noperation     conv_3x3       Convolution 3×3  "),
                           HasSubstr("ssnas/spec/testing/test_plugins.cc:")));
  // Head and ten plugins.
  EXPECT_EQ(std::count(list->begin(), list->end(), '\n'), 11);
  // Columns stand below each other, though × is two bytes.
  for (absl::string_view line : absl::StrSplit(*list, '\n', absl::SkipEmpty())) {
    const size_t place = line.find(absl::StartsWith(line, "KIND") ? "DEFINED" : "ssnas/spec");
    EXPECT_EQ(place - (absl::StrContains(line, "×") ? 1 : 0), list->find("DEFINED")) << line;
  }
}

TEST(ListPluginsTest, OfOneKind) {
  const absl::StatusOr<std::string> list = ListPlugins("operation");
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_THAT(*list, AllOf(HasSubstr("conv_5x5"), Not(HasSubstr("contrast"))));
}

TEST(ListPluginsTest, OfOnePluginIsItsConfigWithExample) {
  const absl::StatusOr<std::string> text = ListPlugins("conv_5x5");
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_THAT(
      *text,
      AllOf(
          HasSubstr("operation conv_5x5: Convolution 5×5\n"),
          HasSubstr("config, ssnas.TestConvConfig\n  # Side of the filter; odd. An integer from 1 "
                    "to 15; default 3.\n  kernel: 5\n"),
          HasSubstr("\nexample\n  name: \"contrast\"\n")));
  EXPECT_THAT(*ListPlugins("none"), HasSubstr("none: it has no options"));
}

TEST(ListPluginsTest, AnUnknownNameHasANearest) {
  const absl::Status status = ListPlugins("contrats").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(),
            "no plugin or kind 'contrats'; did you mean 'contrast'? Kinds: augmentation, dataset, "
            "objective, "
            "operation; --list_plugins shows all.");
}

}  // namespace
}  // namespace ssnas
