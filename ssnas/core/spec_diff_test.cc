#include "ssnas/core/spec_diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace ssnas {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Diff(const std::string& before, const std::string& after) {
  std::vector<std::string> lines;
  for (const FieldDifference& each : DiffSpecs(before, after)) {
    lines.push_back(absl::StrCat(each.path, ": ", each.before, " / ", each.after));
  }
  return lines;
}

constexpr char kSpec[] = R"(name: "a"
seed: 1
objective {
  name: "nt_xent"
  config {
    [type.googleapis.com/ssnas.NtXentConfig] {
      temperature: 0.5
    }
  }
}
augmentation {
  name: "flip"
}
augmentation {
  name: "grey"
}
search {
  channels: 16
  seeds: 1
  seeds: 2
  weights {
    learning_rate: 0.025
  }
}
)";

std::string With(const std::string& from, const std::string& to) {
  std::string text = kSpec;
  text.replace(text.find(from), from.size(), to);
  return text;
}

TEST(SpecDiff, EqualSpecsDoNotDiffer) {
  EXPECT_THAT(Diff(kSpec, kSpec), IsEmpty());
  EXPECT_THAT(Diff(kSpec, With("seed: 1", "# a comment\n\n  seed: 1")), IsEmpty());
}

TEST(SpecDiff, FieldsAreNamedByTheirPath) {
  EXPECT_THAT(Diff(kSpec, With("channels: 16", "channels: 24")),
              ElementsAre("search.channels: 16 / 24"));
  EXPECT_THAT(Diff(kSpec, With("0.025", "0.1")),
              ElementsAre("search.weights.learning_rate: 0.025 / 0.1"));
  EXPECT_THAT(Diff(kSpec, With("\"a\"", "\"a: {\"")), ElementsAre("name: \"a\" / \"a: {\""));
}

TEST(SpecDiff, InsideAPluginsConfig) {
  EXPECT_THAT(Diff(kSpec, With("0.5", "0.1")),
              ElementsAre("objective.config.temperature: 0.5 / 0.1"));
  EXPECT_THAT(Diff(kSpec, With("ssnas.NtXentConfig", "mine.Config")),
              ElementsAre("objective.config (type): [type.googleapis.com/ssnas.NtXentConfig] / "
                          "[type.googleapis.com/mine.Config]"));
}

TEST(SpecDiff, RepeatedFieldsAreNumbered) {
  EXPECT_THAT(Diff(kSpec, With("seeds: 2", "seeds: 3")), ElementsAre("search.seeds[1]: 2 / 3"));
  EXPECT_THAT(Diff(kSpec, With("grey", "blur")),
              ElementsAre("augmentation[1].name: \"grey\" / \"blur\""));
}

TEST(SpecDiff, FieldsAndMessagesThatComeOrGo) {
  EXPECT_THAT(Diff(kSpec, With("seed: 1\n", "")), ElementsAre("seed: 1 / not set"));
  EXPECT_THAT(Diff(With("seed: 1\n", ""), kSpec), ElementsAre("seed: not set / 1"));
  EXPECT_THAT(Diff(kSpec, std::string(kSpec) + "random {\n}\n"),
              ElementsAre("random: not set / {…}"));
}

TEST(SpecDiff, UnbalancedTextEndsToo) {
  Diff("}\n}\nseed: 1\n{\n{", "a {\n b {\n");
  Diff("", "\n\n");
}

}  // namespace
}  // namespace ssnas
