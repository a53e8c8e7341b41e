// What every registered objective must keep to, whatever it computes.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "ssnas/core/parameters.h"
#include "ssnas/core/philox.h"
#include "ssnas/core/registry.h"
#include "ssnas/core/testing/compare.h"
#include "ssnas/core/testing/gradient_check.h"
#include "ssnas/core/testing/plugin_example.h"
#include "ssnas/objectives/objective.h"
#include "ssnas/proto/options.pb.h"

namespace ssnas {
namespace {

constexpr int64_t kImages = 5;

// An objective on random rows, with room for what it returns.
template <typename T>
struct Problem {
  std::unique_ptr<Objective> objective;
  ObjectiveContext context{.representation_size = 6, .auxiliary_size = 3, .num_classes = 4};
  int64_t rows = 0;
  std::vector<T> representation, auxiliary, weights;
  std::vector<int32_t> labels;
  // Gradients of weights, representation, auxiliary.
  std::vector<T> gradients[3];

  // `auxiliary`: on a network with an auxiliary head, where the objective serves one.
  explicit Problem(const std::string& name, bool with_auxiliary, double scale = 1) {
    PluginSpec spec;
    spec.set_name(name);
    objective = *CreatePlugin<Objective>(spec);
    if (!with_auxiliary || !objective->Parameters(context).ok()) context.auxiliary_size = 0;
    ParameterLayout layout;
    const auto specs = objective->Parameters(context);
    for (const ParameterSpec& parameter : *specs) layout.Add(parameter);
    weights = InitialValues<T>(layout, 1);
    rows = objective->Views() * kImages;
    Philox random({.seed = 2});
    // Rounded to float, so that float and double see the same rows.
    const auto draw = [&] { return static_cast<T>(static_cast<float>(scale * random.Normal())); };
    for (int64_t i = 0; i < rows * context.representation_size; ++i) {
      representation.push_back(draw());
    }
    for (int64_t i = 0; i < rows * context.auxiliary_size; ++i) auxiliary.push_back(draw());
    for (int64_t i = 0; i < kImages && objective->UsesLabels(); ++i) {
      labels.push_back(static_cast<int32_t>(i) % context.num_classes);
    }
    Clear(0);
  }

  void Clear(T value) {
    gradients[0].assign(weights.size(), value);
    gradients[1].assign(representation.size(), value);
    gradients[2].assign(auxiliary.size(), value);
  }

  // Bit i of `wanted`: gradients[i].
  ObjectiveArgs<T> Args(unsigned wanted) {
    ObjectiveArgs<T> args;
    args.rows = rows;
    args.representation = representation.data();
    args.labels = labels;
    args.weights = weights.data();
    args.auxiliary_weight = 0.4;
    if (wanted & 1) args.weight_gradients = gradients[0].data();
    if (wanted & 2) args.representation_gradients = gradients[1].data();
    if (context.auxiliary_size == 0) return args;
    args.auxiliary = auxiliary.data();
    if (wanted & 4) args.auxiliary_gradients = gradients[2].data();
    return args;
  }

  absl::StatusOr<LossValue> Evaluate(unsigned wanted) {
    return objective->Evaluate(context, Args(wanted));
  }
};
constexpr unsigned kAll = 7;

class ObjectiveConformanceTest : public ::testing::TestWithParam<std::string> {
 protected:
  void WithAndWithoutAuxiliary(const std::function<void(bool)>& body) {
    for (const bool auxiliary : {false, true}) {
      SCOPED_TRACE(auxiliary ? "with an auxiliary head" : "without an auxiliary head");
      body(auxiliary);
    }
  }
};

TEST_P(ObjectiveConformanceTest, GradientsAreThoseOfFiniteDifferences) {
  WithAndWithoutAuxiliary([](bool auxiliary) {
    Problem<double> problem(GetParam(), auxiliary);
    ASSERT_TRUE(problem.Evaluate(kAll).ok());
    std::vector<double>* const parts[] = {&problem.weights, &problem.representation,
                                          &problem.auxiliary};
    for (int part = 0; part < 3; ++part) {
      if (parts[part]->empty()) continue;
      const std::vector<double> point = *parts[part];
      const ScalarFunction loss = [&](const std::vector<double>& at) {
        *parts[part] = at;
        return problem.Evaluate(0)->loss;
      };
      EXPECT_EQ(CheckGradient(loss, point, problem.gradients[part],
                              SomeCoordinates(static_cast<int64_t>(point.size()), 300)),
                absl::OkStatus())
          << "part " << part;
      *parts[part] = point;
    }
  });
}

TEST_P(ObjectiveConformanceTest, GradientsAreAddedAndNullOnesChangeNothing) {
  WithAndWithoutAuxiliary([](bool auxiliary) {
    Problem<double> all(GetParam(), auxiliary);
    const LossValue value = *all.Evaluate(kAll);
    for (unsigned wanted = 0; wanted <= kAll; ++wanted) {
      Problem<double> some(GetParam(), auxiliary);
      some.Clear(0.5);
      const absl::StatusOr<LossValue> again = some.Evaluate(wanted);
      ASSERT_TRUE(again.ok()) << again.status();
      EXPECT_EQ(again->loss, value.loss);
      EXPECT_EQ(again->accuracy, value.accuracy);
      for (int part = 0; part < 3; ++part) {
        const bool added = (wanted >> part & 1) != 0;
        std::vector<double> expected, bounds;
        for (const double gradient : all.gradients[part]) {
          expected.push_back(0.5 + (added ? gradient : 0.0));
          // As many terms as there are rows, in another order.
          bounds.push_back(added ? ErrorBound(all.rows, 1 + std::abs(gradient), kDoubleEpsilon)
                                 : 0);
        }
        if (expected.empty()) continue;
        EXPECT_EQ(Compare<double>(some.gradients[part], expected, bounds), absl::OkStatus())
            << "part " << part << ", wanted " << wanted;
      }
    }
  });
}

template <typename T>
void ExpectTheSameBitsTwice(const std::string& name, bool auxiliary) {
  Problem<T> first(name, auxiliary), second(name, auxiliary);
  const auto a = first.Evaluate(kAll), b = second.Evaluate(kAll);
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_EQ(CompareBits<double>({&a->loss, 1}, {&b->loss, 1}), absl::OkStatus());
  EXPECT_EQ(a->accuracy, b->accuracy);
  for (int part = 0; part < 3; ++part) {
    if (first.gradients[part].empty()) continue;
    EXPECT_EQ(CompareBits<T>(first.gradients[part], second.gradients[part]), absl::OkStatus());
  }
}

TEST_P(ObjectiveConformanceTest, TwoRunsGiveTheSameBits) {
  WithAndWithoutAuxiliary([](bool auxiliary) {
    ExpectTheSameBitsTwice<float>(GetParam(), auxiliary);
    ExpectTheSameBitsTwice<double>(GetParam(), auxiliary);
  });
}

TEST_P(ObjectiveConformanceTest, ExtremeRowsGiveFiniteLossAndGradients) {
  for (const double scale : {0.0, 1e-30, 1e-6, 1e6, 1e15}) {
    for (const bool zero_weights : {false, true}) {
      SCOPED_TRACE(testing::Message() << "scale " << scale << ", zero weights " << zero_weights);
      Problem<float> problem(GetParam(), true, scale);
      if (zero_weights) problem.weights.assign(problem.weights.size(), 0.0f);
      const absl::StatusOr<LossValue> value = problem.Evaluate(kAll);
      ASSERT_TRUE(value.ok()) << value.status();
      EXPECT_TRUE(std::isfinite(value->loss));
      EXPECT_GE(value->loss, 0);
      EXPECT_TRUE(value->accuracy >= 0 && value->accuracy <= 1) << value->accuracy;
      for (const std::vector<float>& gradient : problem.gradients) {
        for (const float g : gradient) ASSERT_TRUE(std::isfinite(g));
      }
    }
  }
}

TEST_P(ObjectiveConformanceTest, ANaNAmongTheRowsShowsInTheLoss) {
  Problem<float> problem(GetParam(), false);
  problem.representation[4] = std::numeric_limits<float>::quiet_NaN();
  const absl::StatusOr<LossValue> value = problem.Evaluate(kAll);
  ASSERT_TRUE(value.ok()) << value.status();
  EXPECT_TRUE(std::isnan(value->loss));
}

void ExpectRefused(const absl::Status& status, const std::string& what) {
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << what << ": " << status;
  EXPECT_NE(status.message(), "") << what;
}

TEST_P(ObjectiveConformanceTest, RefusesRowsAndLabelsThatDoNotFit) {
  Problem<float> problem(GetParam(), false);
  const auto evaluate = [&](const std::function<void(ObjectiveArgs<float>&)>& spoil) {
    ObjectiveArgs<float> args = problem.Args(kAll);
    spoil(args);
    return problem.objective->Evaluate(problem.context, args).status();
  };
  EXPECT_EQ(evaluate([](ObjectiveArgs<float>&) {}), absl::OkStatus());
  const int views = problem.objective->Views();
  for (const int64_t rows : {0, -views, views * 2 + 1}) {
    ExpectRefused(evaluate([&](ObjectiveArgs<float>& args) { args.rows = rows; }), "rows");
  }
  const std::vector<float> auxiliary(problem.rows);
  ExpectRefused(evaluate([&](ObjectiveArgs<float>& args) { args.auxiliary = auxiliary.data(); }),
                "auxiliary rows of a network without the head");
  std::vector<int32_t> labels = problem.labels;
  labels.push_back(0);
  ExpectRefused(evaluate([&](ObjectiveArgs<float>& args) { args.labels = labels; }),
                "one label too many");
  if (!problem.objective->UsesLabels()) return;
  ExpectRefused(evaluate([&](ObjectiveArgs<float>& args) { args.labels = {}; }), "no labels");
  for (const int32_t label : {-1, problem.context.num_classes}) {
    labels = problem.labels;
    labels.back() = label;
    ExpectRefused(evaluate([&](ObjectiveArgs<float>& args) { args.labels = labels; }), "a label");
  }
}

TEST_P(ObjectiveConformanceTest, HeadsHaveNamesOfTheirOwnAndFitTheNetwork) {
  const Problem<float> problem(GetParam(), true);
  std::set<std::string> names;
  const auto specs = problem.objective->Parameters(problem.context);
  ASSERT_TRUE(specs.ok()) << specs.status();
  for (const ParameterSpec& spec : *specs) {
    EXPECT_TRUE(names.insert(spec.name).second) << spec.name;
    EXPECT_GT(spec.count(), 0) << spec.name;
  }
  ExpectRefused(
      problem.objective->Parameters({.representation_size = 0, .num_classes = 4}).status(),
      "no representation");
  const auto without_labels = problem.objective->Parameters({.representation_size = 4});
  EXPECT_EQ(without_labels.ok(), !problem.objective->UsesLabels()) << without_labels.status();
}

// Values just outside the rule that the spec loader reads.
std::vector<double> OutsideOf(const FieldRule& rule, bool integer) {
  std::vector<double> values;
  const double step = integer ? 1 : 0.001;
  if (rule.has_min()) values.push_back(rule.min() - step);
  if (rule.has_max()) values.push_back(rule.max() + step);
  if (rule.has_above()) values.insert(values.end(), {rule.above(), rule.above() - step});
  if (!integer) values.insert(values.end(), {std::nan(""), HUGE_VAL, -HUGE_VAL});
  return values;
}

// Configs made in code do not pass the spec loader.
TEST_P(ObjectiveConformanceTest, RefusesConfigsOutsideTheirRules) {
  using google::protobuf::FieldDescriptor;
  PluginSpec spec;
  spec.set_name(GetParam());
  const auto defaults = *TableOf<Objective>().ResolveConfig(spec);
  const google::protobuf::Descriptor& type = *defaults->GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    const bool integer = field->cpp_type() == FieldDescriptor::CPPTYPE_INT32;
    if (!integer && field->cpp_type() != FieldDescriptor::CPPTYPE_DOUBLE) continue;
    const FieldRule& rule = field->options().GetExtension(ssnas::rule);
    EXPECT_TRUE((rule.has_min() || rule.has_above()) && rule.has_max()) << field->full_name();
    for (const double value : OutsideOf(rule, integer)) {
      const std::unique_ptr<google::protobuf::Message> config(defaults->New());
      config->CopyFrom(*defaults);
      if (integer) {
        config->GetReflection()->SetInt32(config.get(), field, static_cast<int32_t>(value));
      } else {
        config->GetReflection()->SetDouble(config.get(), field, value);
      }
      spec.mutable_config()->PackFrom(*config);
      const absl::Status status = CreatePlugin<Objective>(spec).status();
      ExpectRefused(status, field->full_name());
      EXPECT_NE(status.message().find(field->name()), absl::string_view::npos) << status;
    }
  }
  spec.mutable_config()->PackFrom(PluginSpec());
  ExpectRefused(CreatePlugin<Objective>(spec).status(), "a config of another type");
}

INSTANTIATE_TEST_SUITE_P(Registered, ObjectiveConformanceTest,
                         ::testing::ValuesIn(TableOf<Objective>().Names()),
                         [](const auto& info) { return info.param; });

TEST(RegistryTest, HoldsTheObjectivesOfThePaper) {
  const std::vector<std::string> names = TableOf<Objective>().Names();
  const std::set<std::string> there(names.begin(), names.end());
  EXPECT_TRUE(there.count("nt_xent"));
  EXPECT_TRUE(there.count("cross_entropy"));
}

// Each folder that registers an objective has an example that builds one of its own.
TEST(ExampleTest, BuildsAnObjectiveOfItsFolder) {
  for (const std::string& name : TableOf<Objective>().Names()) {
    SCOPED_TRACE(name);
    const std::string file = (*TableOf<Objective>().Find(name))->file;
    const absl::StatusOr<PluginSpec> spec = ReadPluginExample(file);
    ASSERT_TRUE(spec.ok()) << spec.status();
    const auto facts = TableOf<Objective>().Find(spec->name());
    ASSERT_TRUE(facts.ok()) << facts.status();
    EXPECT_EQ((*facts)->file, file);
    const auto objective = CreatePlugin<Objective>(*spec);
    ASSERT_TRUE(objective.ok()) << objective.status();
    EXPECT_TRUE((*objective)->Parameters({.representation_size = 8, .num_classes = 10}).ok());
  }
}

}  // namespace
}  // namespace ssnas
