// --set: what it changes, and its errors word for word.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/spec/spec.h"
#include "ssnas/spec/testing/test_plugins.pb.h"

namespace ssnas {
namespace {

using ::testing::ElementsAre;

constexpr char kSpec[] = R"(name: "tiny"
dataset { name: "pictures" }
objective {
  name: "contrast"
  config { [type.googleapis.com/ssnas.TestLossConfig] { temperature: 0.1 } }
}
augmentation { name: "flip" }
augmentation { name: "wobble" config { probability: 1 } }
space { candidate { name: "none" } candidate { name: "conv_3x3" } }
search { epochs: 3 seeds: [1, 2] seeds: 3 }
)";

ExperimentSpec With(const std::vector<std::string>& sets) {
  absl::StatusOr<ExperimentSpec> spec = LoadSpec(kSpec, "tiny.textproto", sets);
  EXPECT_TRUE(spec.ok()) << spec.status();
  return spec.ok() ? *spec : ExperimentSpec();
}

template <typename Config>
Config ConfigOf(const PluginSpec& plugin) {
  Config config;
  EXPECT_TRUE(plugin.config().UnpackTo(&config)) << plugin.DebugString();
  return config;
}

TEST(SetTest, AFieldGivenOrNot) {
  EXPECT_EQ(With({"search.epochs=7"}).search().epochs(), 7);
  EXPECT_EQ(With({"seed=9"}).seed(), 9u);
  EXPECT_EQ(With({"search.weights.momentum=0.5"}).search().weights().momentum(), 0.5);
  EXPECT_EQ(With({" search . epochs = 7 "}).search().epochs(), 7);
}

TEST(SetTest, TheLastOneWins) {
  EXPECT_EQ(With({"search.epochs=7", "search.epochs=8"}).search().epochs(), 8);
}

TEST(SetTest, StringsNeedNoQuotes) {
  EXPECT_EQ(With({"name=a-1"}).name(), "a-1");
  EXPECT_EQ(With({"name=\"a-1\""}).name(), "a-1");
  EXPECT_EQ(
      ConfigOf<TestDatasetConfig>(With({"dataset.config.folder=/a b/c=d"}).dataset()).folder(),
      "/a b/c=d");
  EXPECT_EQ(With({"augmentation=[{name: flip}]"}).augmentation(0).name(), "flip");
}

TEST(SetTest, ListsAndTheirElements) {
  EXPECT_THAT(With({"search.seeds=[7, 8]"}).search().seeds(), ElementsAre(7, 8));
  EXPECT_THAT(With({"search.seeds=7"}).search().seeds(), ElementsAre(7));
  EXPECT_THAT(With({"search.seeds=[]"}).search().seeds(), ElementsAre());
  EXPECT_THAT(With({"search.seeds[1]=7"}).search().seeds(), ElementsAre(1, 7, 3));
  EXPECT_THAT(With({"search.seeds[3]=7"}).search().seeds(), ElementsAre(1, 2, 3, 7));
  EXPECT_THAT(With({"-search.seeds[0]"}).search().seeds(), ElementsAre(2, 3));
}

TEST(SetTest, ReachesIntoConfigs) {
  EXPECT_EQ(ConfigOf<TestLossConfig>(With({"objective.config.temperature=0.2"}).objective())
                .temperature(),
            0.2);
  // Beside what the file gives.
  EXPECT_EQ(ConfigOf<TestLossConfig>(With({"objective.config.projection_size=2"}).objective())
                .temperature(),
            0.1);
  // Where the file gives no config.
  EXPECT_EQ(
      ConfigOf<TestConvConfig>(With({"space.candidate[1].config.kernel=7"}).space().candidate(1))
          .kernel(),
      7);
  EXPECT_THAT(
      ConfigOf<TestWobbleConfig>(With({"augmentation[1].config.mean=[1, 2]"}).augmentation(1))
          .mean(),
      ElementsAre(1, 2));
  const auto nested =
      With({"objective.config.inner.name=contrast", "objective.config.inner.config.temperature=3"});
  const auto outer = ConfigOf<TestLossConfig>(nested.objective());
  EXPECT_EQ(ConfigOf<TestLossConfig>(outer.inner()).temperature(), 3);
}

TEST(SetTest, APluginOfAListByItsName) {
  const auto spec = With(
      {"augmentation[wobble].config.probability=0.25", "space.candidate[none]={name: conv_5x5}"});
  EXPECT_EQ(ConfigOf<TestWobbleConfig>(spec.augmentation(1)).probability(), 0.25);
  EXPECT_EQ(spec.space().candidate(0).name(), "conv_5x5");
}

TEST(SetTest, WholeMessages) {
  const ExperimentSpec spec =
      With({"pretrain={ epochs: 5 sgd { momentum: 0 } }", "objective={name: nothing}"});
  EXPECT_EQ(spec.pretrain().epochs(), 5);
  EXPECT_EQ(spec.objective().name(), "nothing");
  EXPECT_FALSE(spec.objective().has_config());
  // Instead of what is there, not over it.
  EXPECT_FALSE(With({"search={ batch: 4 }"}).search().has_epochs());
}

TEST(SetTest, TakesOut) {
  const ExperimentSpec spec =
      With({"-search", "random={}", "-augmentation[flip]", "-objective.config"});
  EXPECT_FALSE(spec.has_search());
  EXPECT_EQ(spec.augmentation_size(), 1);
  EXPECT_FALSE(spec.objective().has_config());
}

struct Wrong {
  const char* set;
  const char* message;  // after "--set <set>: "
};

class WrongSetTest : public testing::TestWithParam<Wrong> {};

TEST_P(WrongSetTest, SaysWhy) {
  const absl::Status status = LoadSpec(kSpec, "tiny.textproto", {GetParam().set}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ExitCode(status), 2);
  EXPECT_EQ(status.message(), absl::StrCat("--set ", GetParam().set, ": ", GetParam().message));
}

constexpr Wrong kWrong[] = {
    {"search.epochs=ten",
     "expected an integer from 1 to 100,000 for search.epochs (int32); got 'ten'."},
    {"search.epochs=0", "expected an integer from 1 to 100,000 for search.epochs (int32); got 0."},
    {"search.epochs=3 4", "expected the end after the value; got 4."},
    {"search.epochs=",
     "no value after '='; expected an integer from 1 to 100,000 for search.epochs, or "
     "--set=-search.epochs to take it out of the spec."},
    {"search.steps=10", "no field 'steps' in ssnas.SearchSpec; did you mean 'steps_per_epoch'?"},
    {"serach.epochs=10", "no field 'serach' in ssnas.ExperimentSpec; did you mean 'search'?"},
    {"search.epochs.x=10", "search.epochs is an integer from 1 to 100,000; it has no field 'x'."},
    {"search.epochs[0]=1", "search.epochs is not a list; write it without [0]."},
    {"search.epochs:10",
     "expected path=value, as in search.epochs=10, or -path to take a field out."},
    {"", "expected path=value, as in search.epochs=10, or -path to take a field out."},
    {"=5", "expected a path of field names joined by '.', as in search.epochs=10."},
    {"search..epochs=5", "expected a path of field names joined by '.', as in search.epochs=10."},
    {"search.seeds[1=5", "the path has a '[' without ']'."},
    {"search.seeds[5]=5",
     "search.seeds has 3 elements, counted from 0; search.seeds[3] would be a new one."},
    {"search.seeds[x]=5", "no element 'x' in search.seeds. It has 3."},
    {"search.seeds[0]=[5]", "search.seeds[…] takes one value, not a list."},
    {"search.seeds=[5, six]",
     "expected an integer of at least 0 for search.seeds[1] (uint64); got 'six'."},
    {"search.epochs=[5]", "search.epochs takes one value, not a list."},
    {"search=5", "expected a message { … } for search (ssnas.SearchSpec); got 5."},
    {"search={ epoch: 5 }", "no field 'epoch' in ssnas.SearchSpec; did you mean 'epochs'?"},
    {"search={ epochs: 5", "this has no closing '}'."},
    {"search={}{}", "expected the end after the value; got '{'."},
    {"objective.name=contrats",
     "no objective 'contrats'. Nearest: contrast. All 2: contrast, nothing "
     "(--list_plugins=objective)."},
    {"objective.config.temprature=1",
     "no field 'temprature' in ssnas.TestLossConfig; did you mean 'temperature'?"},
    {"objective.config.temperature=0",
     "expected a number above 0 and at most 1,000 for objective.config.temperature (double); got "
     "0."},
    {"objective.config.inner.config.temperature=1",
     "this objective has no name: name: \"…\", one of contrast, nothing."},
    {"augmentation.config.probability=1",
     "augmentation is a list of 2; say which: augmentation[0] or augmentation[NAME]."},
    {"augmentation[wobbel].config.probability=1",
     "no element 'wobbel' in augmentation; did you mean 'wobble'? It has 2: flip, wobble."},
    {"space.candidate[1].config.kernel=4", "kernel must be odd; got 4."},
    {"space.candidate[2]={name: \"none\"}",
     "space.candidate[2] is the same as candidate[0], none; take one out."},
    {"search.weights.final_learning_rate=1",
     "search.weights.final_learning_rate is 1, above the learning_rate it falls from, 0.025."},
    {"name=../up",
     "name becomes a folder: at most 100 of A-Z, a-z, 0-9, '_', '-', '.', and no '.' or '-' first; "
     "got \"../up\"."},
    {"-pretrain", "pretrain is not in the spec."},
    {"-search.seeds[3]", "search.seeds has 3 elements, counted from 0."},
    {"-", "expected a path of field names joined by '.', as in search.epochs=10."},
};
INSTANTIATE_TEST_SUITE_P(All, WrongSetTest, testing::ValuesIn(kWrong));

TEST(SetTest, TellsErrorsOfTheFileInTheFile) {
  // The file's config no longer fits the plugin that --set names.
  const absl::Status status =
      LoadSpec(kSpec, "tiny.textproto", {"objective.name=nothing"}).status();
  EXPECT_EQ(
      status.message(),
      "tiny.textproto:5:12: objective 'nothing' takes a config of type ssnas.TestEmptyConfig, not "
      "ssnas.TestLossConfig. To take another plugin without the config in the file: "
      "--set 'objective={name: \"nothing\"}'.\n"
      "     5 |   config { [type.googleapis.com/ssnas.TestLossConfig] { temperature: 0.1 } }\n"
      "       |            ^");
  EXPECT_EQ(
      LoadSpec(kSpec, "tiny.textproto", {"-dataset"}).status().message(),
      "tiny.textproto: dataset must be given: dataset { name: \"…\" } (--list_plugins=dataset).");
}

TEST(SetTest, ALongOrHostileTextIsNotShownWhole) {
  const std::string set = absl::StrCat("a\n\x1b", std::string(5000, 'a'), "=1");
  EXPECT_EQ(LoadSpec(kSpec, "f", {set}).status().message(),
            absl::StrCat("--set a?", "?", std::string(117, 'a'), "…: no field 'a?", "?",
                         std::string(57, 'a'), "…' in ssnas.ExperimentSpec. It has: name, seed, ",
                         "dataset, objective, augmentation, space, search, random, pretrain, ",
                         "probe, evaluate, runtime, architecture."));
  EXPECT_EQ(LoadSpec(kSpec, "f", {"name=\xff"}).status().message(),
            "--set name=?: the text is not UTF-8.");
}

}  // namespace
}  // namespace ssnas
