#include "ssnas/export/torch_module.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <regex>
#include <sstream>
#include <utility>

#include "ssnas/networks/darts_space.h"
#include "ssnas/ops/common_recipes.h"
#include "ssnas/search/derive.h"

namespace ssnas {
namespace {

using ::testing::HasSubstr;
using Shapes = std::map<std::string, std::vector<int64_t>>;

// The state_dict that PyTorch would make of the module's text, read from its `self.… = …` lines.
class StateDict {
 public:
  explicit StateDict(const std::string& python) {
    std::istringstream lines(python);
    std::string line, name;
    std::smatch m;
    while (std::getline(lines, line)) {
      if (std::regex_match(line, m, std::regex("class (\\w+)\\(nn.Module\\):"))) name = m[1];
      if (!name.empty()) classes_[name].push_back(line);
    }
    Collect("Network", "");
  }

  const Shapes& shapes() const { return shapes_; }

 private:
  void Collect(const std::string& type, const std::string& prefix) {
    int listed = 0;
    for (const std::string& line : classes_[type]) {
      std::smatch m;
      const auto is = [&](const char* text) { return std::regex_match(line, m, std::regex(text)); };
      if (is(" *self\\.(\\w+) = nn.ModuleDict\\(\\{\"(\\w+)\": (\\w+)\\(\\)\\}\\)")) {
        Collect(m[3], prefix + m[1].str() + "." + m[2].str() + ".");
      } else if (is(" *self\\.(\\w+) = (\\w+)\\(\\)")) {
        Collect(m[2], prefix + m[1].str() + ".");
      } else if (is(" +(\\w+)\\(\\),")) {
        Collect(m[1], prefix + "cells." + std::to_string(listed++) + ".");
      } else if (is(" *self\\.(\\w+) = nn.Conv2d\\((\\d+), (\\d+), (\\d+),.* groups=(\\d+), .*")) {
        const int64_t k = std::stoll(m[4]);
        shapes_[prefix + m[1].str() + ".weight"] = {std::stoll(m[3]),
                                                    std::stoll(m[2]) / std::stoll(m[5]), k, k};
      } else if (is(" *self\\.(\\w+) = Norm\\((\\d+), affine=(\\w+)\\)")) {
        const std::string norm = prefix + m[1].str() + ".";
        for (const char* tensor : {"weight", "bias", "running_mean", "running_var"}) {
          const bool statistic = tensor[0] == 'r';
          if (statistic || m[3] == "True") shapes_[norm + tensor] = {std::stoll(m[2])};
        }
      } else if (is(" *self\\.([\\w.]+) = nn.Parameter\\(torch.zeros\\((\\d+)(, (\\d+))?\\)\\)")) {
        std::vector<int64_t>& shape = shapes_[m[1]];
        shape = {std::stoll(m[2])};
        if (m[4].matched) shape.push_back(std::stoll(m[4]));
      }
    }
  }

  std::map<std::string, std::vector<std::string>> classes_;  // lines, by name
  Shapes shapes_;
};

NetworkPlan Plan(const DerivedOptions& options) {
  const auto cell = RandomArchitecture(DartsSpace(), /*seed=*/3, /*index=*/0);
  EXPECT_TRUE(cell.ok()) << cell.status();
  auto plan = PlanDerived(*cell, options);
  EXPECT_TRUE(plan.ok()) << plan.status();
  return *std::move(plan);
}

// What the network's own layout holds.
Shapes Layout(const NetworkPlan& plan, const std::vector<ParameterSpec>& head) {
  ParameterLayout weights, statistics;
  plan.AddParameters(&weights, &statistics);
  Shapes shapes;
  for (const ParameterSpec& spec : weights.specs()) shapes[spec.name] = spec.shape;
  for (const ParameterSpec& spec : statistics.specs()) shapes[spec.name] = spec.shape;
  for (const ParameterSpec& spec : head) shapes[spec.name] = spec.shape;
  return shapes;
}

const std::vector<ParameterSpec>& Head() {
  static const auto* const head = new std::vector<ParameterSpec>{
      {.name = "projection.linear1.weight", .shape = {6, 7}},
      {.name = "projection.linear1.bias", .shape = {6}},
  };
  return *head;
}

TEST(TorchModuleTest, HasTheNetworksNamesAndShapesAndNoOthers) {
  for (const DerivedOptions& options :
       {DerivedOptions{.cells = 5, .channels = 4}, DerivedOptions{.cells = 1, .channels = 6},
        DerivedOptions{.cells = 3, .channels = 4, .image_size = 160},
        DerivedOptions{.cells = 3, .channels = 4, .auxiliary = true}}) {
    const NetworkPlan plan = Plan(options);
    const auto python = TorchModule(plan, Head());
    ASSERT_TRUE(python.ok()) << python.status();
    EXPECT_EQ(StateDict(*python).shapes(), Layout(plan, Head()));
  }
}

TEST(TorchModuleTest, WritesARecipeLineByLine) {
  NetworkPlan plan;
  plan.blocks.push_back(SingleRecipeBlock("stem", kImages, "cifar", *FactorizedReduce(3, 5, true)));
  const auto python = TorchModule(plan, {});
  ASSERT_TRUE(python.ok()) << python.status();
  EXPECT_THAT(*python, HasSubstr(R"(
class Cifar(nn.Module):

    def __init__(self):
        super().__init__()
        self.pointwise1 = nn.Conv2d(3, 2, 1, stride=2, padding=0, dilation=1, groups=1, bias=False)
        self.pointwise2 = nn.Conv2d(3, 3, 1, stride=2, padding=0, dilation=1, groups=1, bias=False)
        self.norm = Norm(5, affine=True)

    def forward(self, x0):
        x1 = F.relu(x0)
        x2 = self.pointwise1(x1)
        x3 = shift(x1)
        x4 = self.pointwise2(x3)
        x5 = torch.cat((x2, x4,), 1)
        x6 = self.norm(x5)
        return x6
)"));
  EXPECT_THAT(*python, HasSubstr("        return b0.mean((2, 3))\n"));
}

TEST(TorchModuleTest, RefusesWhatPythonCannotName) {
  NetworkPlan plan;
  plan.blocks.push_back(SingleRecipeBlock("stem", kImages, "a-b", CifarStem(3, 4)));
  const absl::Status status = TorchModule(plan, {}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("'a-b'"));
}

class Opaque : public Module {
 public:
  std::vector<ParameterSpec> Parameters() const override { return {}; }
  std::vector<ParameterSpec> RunningStatistics() const override { return {}; }
  int64_t MultiplyAdds(const Shape4&) const override { return 0; }
};

TEST(TorchModuleTest, HasNoTextForAModule) {
  RecipeBuilder b(3);
  const int x = b.Module("net", b.Input(), std::make_shared<Opaque>(), 4);
  NetworkPlan plan;
  plan.blocks.push_back(SingleRecipeBlock("stem", kImages, "opaque", std::move(b).Build(x)));
  const absl::Status status = TorchModule(plan, {}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(status.message(), "operation 'opaque' has a module, whose code only C++ knows");
}

TEST(TorchModuleTest, RefusesASupernet) {
  const auto plan = PlanSupernet(DartsSpace(), 2, 4, 3);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(TorchModule(*plan, {}).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace ssnas
