#include "ssnas/core/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "ssnas/proto/architecture.pb.h"

namespace ssnas {

// An interface of the test's own; configs are messages that are at hand.
class Shape {
 public:
  static constexpr char kKind[] = "shape";
  explicit Shape(int from) : from(from) {}
  const int from;
};
SSNAS_DECLARE_PLUGIN_KIND(Shape);
SSNAS_DEFINE_PLUGIN_KIND(Shape)

absl::StatusOr<std::unique_ptr<Shape>> MakeShape(const Edge& config) {
  if (config.from() < 0) return absl::InvalidArgumentError("from must not be negative");
  return std::make_unique<Shape>(config.from());
}

absl::StatusOr<std::unique_ptr<Shape>> MakeSum(const CellGenotype& config) {
  int sum = 0;
  for (const int state : config.concat()) sum += state;
  return std::make_unique<Shape>(sum);
}

SSNAS_REGISTER(Shape, CellGenotype, MakeSum, "sum", "concat: [1, 2]", "of a list");
SSNAS_REGISTER(Shape, Edge, MakeShape, "circle", "from: 3 to: 1", "round");
SSNAS_REGISTER(Shape, Edge, MakeShape, "square", "", "cornered");

namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

PluginSpec Spec(const std::string& name) {
  PluginSpec spec;
  spec.set_name(name);
  return spec;
}

TEST(RegistryTest, NamesAreSortedAndPresetsApply) {
  EXPECT_THAT(TableOf<Shape>().Names(), ElementsAre("circle", "square", "sum"));
  EXPECT_EQ((*CreatePlugin<Shape>(Spec("circle")))->from, 3);
  EXPECT_EQ((*CreatePlugin<Shape>(Spec("square")))->from, 0);
}

TEST(RegistryTest, ASpecsConfigIsMergedOverThePreset) {
  PluginSpec spec = Spec("circle");
  Edge config;
  config.set_to(9);
  spec.mutable_config()->PackFrom(config);
  EXPECT_EQ((*CreatePlugin<Shape>(spec))->from, 3);
  config.set_from(7);
  spec.mutable_config()->PackFrom(config);
  EXPECT_EQ((*CreatePlugin<Shape>(spec))->from, 7);
  config.set_from(-1);
  spec.mutable_config()->PackFrom(config);
  EXPECT_EQ(CreatePlugin<Shape>(spec).status().message(), "from must not be negative");
}

TEST(RegistryTest, AGivenListReplacesThePresets) {
  PluginSpec spec = Spec("sum");
  EXPECT_EQ((*CreatePlugin<Shape>(spec))->from, 3);
  CellGenotype config;
  config.add_concat(7);
  spec.mutable_config()->PackFrom(config);
  EXPECT_EQ((*CreatePlugin<Shape>(spec))->from, 7);
}

TEST(RegistryTest, AConfigIsCheckedWithoutKnowingTheInterface) {
  const PluginFacts* circle = *TableOf<Shape>().Find("circle");
  Edge config;
  EXPECT_TRUE(circle->check(config).ok());
  config.set_from(-1);
  EXPECT_EQ(circle->check(config).message(), "from must not be negative");
}

TEST(RegistryTest, AnUnknownNameListsTheValidOnesAndTheNearest) {
  const absl::Status status = CreatePlugin<Shape>(Spec("sqaure")).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("no shape 'sqaure'"), HasSubstr("Nearest: square"),
                    HasSubstr("All 3: circle, square, sum")));
}

TEST(RegistryTest, AConfigOfAnotherTypeNamesBoth) {
  PluginSpec spec = Spec("circle");
  spec.mutable_config()->PackFrom(Architecture());
  const absl::Status status = CreatePlugin<Shape>(spec).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("ssnas.Edge"), HasSubstr("ssnas.Architecture")));
}

TEST(RegistryTest, ConfigBytesThatDoNotParseAreAStatus) {
  PluginSpec spec = Spec("circle");
  spec.mutable_config()->set_type_url("type.googleapis.com/ssnas.Edge");
  spec.mutable_config()->set_value("\xff\xff\xff");
  EXPECT_EQ(CreatePlugin<Shape>(spec).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(RegistryTest, ADuplicateNameAbortsNamingBothPlaces) {
  EXPECT_DEATH(
      {
        const PluginFacts* circle = *TableOf<Shape>().Find("circle");
        PluginFacts again = *circle;
        again.file = "elsewhere.cc";
        again.line = 12;
        TableOf<Shape>().Register(again);
      },
      "two plugins are the shape 'circle': .*registry_test.cc:[0-9]+ and elsewhere.cc:12");
}

TEST(RegistryTest, TablesAreFoundByKind) {
  EXPECT_EQ(PluginTable::OfKind("shape"), &TableOf<Shape>());
  EXPECT_EQ(PluginTable::OfKind("shade"), nullptr);
}

TEST(NearestNameTest, SuggestsOnlyWhatIsNear) {
  EXPECT_EQ(NearestName("temprature", {"temperature", "views"}), "temperature");
  EXPECT_EQ(NearestName("steps", {"seeds", "steps_per_epoch"}), "steps_per_epoch");
  EXPECT_EQ(NearestName("conv", {"none"}), "");
  EXPECT_EQ(NearestName("zzz", {"temperature", "views"}), "");
}

}  // namespace
}  // namespace ssnas
