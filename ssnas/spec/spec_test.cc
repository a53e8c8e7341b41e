#include "ssnas/spec/spec.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ssnas/core/exit_code.h"
#include "ssnas/spec/testing/test_plugins.pb.h"

namespace ssnas {
namespace {

using ::testing::HasSubstr;

constexpr char kSpec[] = R"(
name: "tiny"
dataset { name: "pictures" }
objective {
  name: "contrast"
  config { [type.googleapis.com/ssnas.TestLossConfig] { temperature: 0.1 } }
}
augmentation { name: "flip" }
augmentation { name: "wobble" config { direction: RIGHT mean: [3] weight { key: "b" value: 2 } weight { key: "a" value: 1 } } }
space { candidate { name: "none" } candidate { name: "conv_5x5" } nodes: 0x2 }
search { epochs: 3, weights < learning_rate: 1e-1 final_learning_rate: 0.01f >; seeds: [1, 2] seeds: 3 }
)";

ExperimentSpec Load(const std::string& text, const std::vector<std::string>& sets = {}) {
  absl::StatusOr<ExperimentSpec> spec = LoadSpec(text, "tiny.textproto", sets);
  EXPECT_TRUE(spec.ok()) << spec.status();
  return spec.ok() ? *spec : ExperimentSpec();
}

template <typename Config>
Config ConfigOf(const PluginSpec& plugin) {
  Config config;
  EXPECT_TRUE(plugin.config().UnpackTo(&config)) << plugin.DebugString();
  return config;
}

std::string Error(const std::string& text, const std::vector<std::string>& sets = {}) {
  const absl::StatusOr<ExperimentSpec> spec = LoadSpec(text, "tiny.textproto", sets);
  EXPECT_EQ(spec.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ExitCode(spec.status()), 2);
  return std::string(spec.status().message());
}

TEST(SpecTest, ReadsWhatWasWrittenAndNothingElse) {
  const ExperimentSpec spec = Load(kSpec);
  EXPECT_EQ(spec.name(), "tiny");
  EXPECT_FALSE(spec.has_seed());
  EXPECT_FALSE(spec.has_pretrain());
  EXPECT_EQ(spec.space().nodes(), 2);
  EXPECT_EQ(spec.search().weights().learning_rate(), 0.1);
  EXPECT_EQ(spec.search().weights().final_learning_rate(), 0.01);
  EXPECT_THAT(spec.search().seeds(), ::testing::ElementsAre(1, 2, 3));
  const auto loss = ConfigOf<TestLossConfig>(spec.objective());
  EXPECT_EQ(loss.temperature(), 0.1);
  EXPECT_FALSE(loss.has_projection_size());
  // The type of a config that names none is the plugin's.
  const auto wobble = ConfigOf<TestWobbleConfig>(spec.augmentation(1));
  EXPECT_EQ(wobble.direction(), TestWobbleConfig::RIGHT);
  EXPECT_THAT(wobble.mean(), ::testing::ElementsAre(3));
}

TEST(SpecTest, Prints) {
  std::fputs(PrintSpec(*ResolveSpec(Load(kSpec)), true).c_str(), stdout);
  for (const char* filter : {"", "operation", "contrast", "wobble", "flip", "flop"}) {
    std::puts(ListPlugins(filter).ok() ? ListPlugins(filter)->c_str() : ListPlugins(filter).status().ToString().c_str());
  }
  for (const char* set : {"search.steps=10", "serach.epochs=1", "search.epochs=ten"}) std::printf("%s\n", Error(kSpec, {set}).c_str());
}

}  // namespace
}  // namespace ssnas
