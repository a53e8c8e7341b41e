// docs/spec.md is what the protos and the plugins say now, and the repository's experiments are
// what it allows.
#include "ssnas/spec/reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "ssnas/core/file.h"
#include "ssnas/core/registry.h"
#include "ssnas/spec/spec.h"

namespace ssnas {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(ReferenceTest, ThePageIsUpToDate) {
  const absl::StatusOr<std::string> page = ReferencePage();
  ASSERT_TRUE(page.ok()) << page.status();
  const absl::StatusOr<std::string> file = ReadFile(kReferencePath);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_TRUE(*file == *page) << kReferencePath
                              << " is out of date: ./bazelw run //ssnas/spec:write_reference";
}

TEST(ReferenceTest, HasEveryPlugin) {
  const std::string page = ReferencePage().value_or("");
  for (const PluginTable* table : PluginTable::All()) {
    for (const std::string& name : table->Names()) {
      EXPECT_THAT(page, HasSubstr(absl::StrCat("| `", name, "` |")));
    }
  }
}

// Every plugin shows its comments, its defaults and its example, whose name it need not bear
// itself.
TEST(ListPluginsTest, ShowsEveryPlugin) {
  for (const PluginTable* table : PluginTable::All()) {
    for (const std::string& name : table->Names()) {
      const absl::StatusOr<std::string> text = ListPlugins(name);
      ASSERT_TRUE(text.ok()) << text.status();
      EXPECT_THAT(*text, HasSubstr("\nexample\n  name: \"")) << name;
    }
  }
  EXPECT_THAT(*ListPlugins("sep_conv_5x5"),
              HasSubstr("  # Side of the depthwise filters; odd. An integer"));
}

// With the plugins of the core; how they begin, as the lists grow.
struct Wrong {
  const char* set;
  const char* message;
};
constexpr Wrong kWrong[] = {
    {"objective.config.temprature=1",
     "no field 'temprature' in ssnas.NtXentConfig; did you mean 'temperature'?"},
    {"space.candidate[0].name=sep_conv_3x4",
     "no operation 'sep_conv_3x4'. Nearest: sep_conv_3x3. All "},
    {"space.candidate[0]={ name: conv }", "no operation 'conv'. All "},
    {"space.candidate[sep_conv_3x3].config.kernel=4",
     "sep_conv: kernel 4; give an odd one from 3 to 15."},
    {"augmentation[normalize]={ name: normalize }",
     "augmentation[3].config.mean must be given: at least one, each a number from -1,000 to "},
    // What the plugin itself says, of a field that only the --set gives and of two of which it
    // gives one.
    {"augmentation[normalize].config.mean=[0, 0]", "normalize: 2 means and 3 standard deviations"},
    {"augmentation[random_resized_crop].config.max_area=0.1",
     "random_resized_crop: min_area 0.2 is more than max_area 0.1."},
    {"dataset.name=cifar20", "no dataset 'cifar20'. Nearest: cifar10. All "},
};

TEST(RealPluginsTest, SayWhatIsWrong) {
  const absl::StatusOr<std::string> text = ReadFile("experiments/fashion_mnist_ssnas.textproto");
  ASSERT_TRUE(text.ok()) << text.status();
  for (const Wrong& wrong : kWrong) {
    const absl::Status status = LoadSpec(*text, "spec", {wrong.set}).status();
    EXPECT_THAT(std::string(status.message()),
                StartsWith(absl::StrCat("--set ", wrong.set, ": ", wrong.message)));
  }
}

// The experiments of the repository load, and print to what loads again and resolves to the same.
TEST(ExperimentsTest, AreAFixpointOfResolveAndPrint) {
  const absl::StatusOr<std::vector<std::string>> files = ListFolder("experiments");
  ASSERT_TRUE(files.ok()) << files.status();
  int specs = 0;
  for (const std::string& file : *files) {
    if (!absl::EndsWith(file, ".textproto")) continue;
    ++specs;
    const absl::StatusOr<std::string> text = ReadFile(JoinPath("experiments", file));
    ASSERT_TRUE(text.ok()) << text.status();
    const absl::StatusOr<ExperimentSpec> spec = LoadSpec(*text, file, {});
    ASSERT_TRUE(spec.ok()) << spec.status();
    const absl::StatusOr<ExperimentSpec> resolved = ResolveSpec(*spec);
    ASSERT_TRUE(resolved.ok()) << resolved.status();
    const std::string printed = PrintSpec(*resolved, /*comments=*/true);
    const absl::StatusOr<ExperimentSpec> again = LoadSpec(printed, "printed", {});
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(PrintSpec(*ResolveSpec(*again), /*comments=*/true), printed) << file;
  }
  EXPECT_GE(specs, 3);
}

}  // namespace
}  // namespace ssnas
