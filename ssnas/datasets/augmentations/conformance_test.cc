// What every registered augmentation must keep to, whatever it does to an image.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "ssnas/core/philox.h"
#include "ssnas/core/registry.h"
#include "ssnas/core/testing/compare.h"
#include "ssnas/core/testing/plugin_example.h"
#include "ssnas/datasets/augmentations/augmentation.h"
#include "ssnas/datasets/augmentations/testing/image_checks.h"
#include "ssnas/proto/options.pb.h"

namespace ssnas {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The example of the plugin's folder; each name has a folder of its own.
PluginSpec Example(const std::string& name) {
  const absl::StatusOr<PluginSpec> spec =
      ReadPluginExample((*TableOf<Augmentation>().Find(name))->file);
  EXPECT_TRUE(spec.ok()) << spec.status();
  return spec.value_or(PluginSpec());
}

class AugmentationConformanceTest : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const PluginSpec spec = Example(GetParam());
    ASSERT_EQ(spec.name(), GetParam());
    auto step = CreatePlugin<Augmentation>(spec);
    ASSERT_TRUE(step.ok()) << step.status();
    step_ = *std::move(step);
  }

  FloatImage Apply(uint64_t sample, FloatImage image) const {
    Philox random = TestStream(sample);
    step_->Apply(random, image);
    return image;
  }

  std::unique_ptr<Augmentation> step_;
};

struct Size {
  int height, width;
};
// One pixel, odd, not square, one pixel high and wide, larger than what examples make of them.
constexpr Size kSizes[] = {{1, 1}, {7, 7}, {32, 32}, {33, 20}, {5, 48}, {1, 40}, {40, 1}};

TEST_P(AugmentationConformanceTest, MakesAWholeImageOfTheSizeItSays) {
  for (const Size& size : kSizes) {
    const FloatImage image = Apply(1, PatternImage(size.height, size.width, 3));
    const int side = step_->OutputSize();
    EXPECT_EQ(image.height, side > 0 ? side : size.height);
    EXPECT_EQ(image.width, side > 0 ? side : size.width);
    EXPECT_EQ(image.channels, 3);
    EXPECT_EQ(image.pixels.size(), 3u * image.height * image.width);
  }
}

// 0 and 1 exactly as well as what lies between; a normalisation alone may leave the range.
TEST_P(AugmentationConformanceTest, StaysBetweenZeroAndOne) {
  for (const Size& size : kSizes) {
    for (uint64_t sample = 0; sample < 40; ++sample) {
      FloatImage start = PatternImage(size.height, size.width, 3);
      if (sample % 4 == 0) start.pixels.assign(start.pixels.size(), sample % 8 == 0 ? 1.0f : 0.0f);
      for (const float x : Apply(sample, start).pixels) {
        ASSERT_TRUE(std::isfinite(x));
        ASSERT_TRUE(GetParam() == "normalize" || (x >= 0 && x <= 1)) << x;
      }
    }
  }
}

TEST_P(AugmentationConformanceTest, OneStreamMakesOneImage) {
  for (uint64_t sample = 0; sample < 20; ++sample) {
    const FloatImage image = PatternImage(33, 20, 3);
    EXPECT_EQ(CompareBits<float>(Apply(sample, image).pixels, Apply(sample, image).pixels),
              absl::OkStatus());
  }
}

// Whatever the numbers turn out to be, and whatever the size of the image.
TEST_P(AugmentationConformanceTest, DrawsTheSameCountOfNumbers) {
  std::set<int> counts;
  bool differs = false;
  for (const Size& size : kSizes) {
    const FloatImage start = PatternImage(size.height, size.width, 3);
    const std::vector<float> first = Apply(0, start).pixels;
    for (uint64_t sample = 0; sample < 40; ++sample) {
      Philox random = TestStream(sample);
      FloatImage image = start;
      step_->Apply(random, image);
      counts.insert(DrawsTaken(random, sample));
      differs = differs || image.pixels != first;
    }
  }
  EXPECT_EQ(counts.size(), 1u);
  EXPECT_GE(*counts.begin(), 0);
  EXPECT_EQ(differs, *counts.begin() > 0) << "streams differ in what is made of them, if it draws";
}

void Set(Message& config, const FieldDescriptor* field, double value) {
  const google::protobuf::Reflection& values = *config.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return values.SetInt32(&config, field, static_cast<int32_t>(value));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      if (field->is_repeated()) return values.SetRepeatedDouble(&config, field, 0, value);
      return values.SetDouble(&config, field, value);
    default:
      FAIL() << field->full_name() << " is of a type that this test does not know";
  }
}

// Just outside of its rule.
std::vector<double> BadValues(const FieldDescriptor* field) {
  const FieldRule& rule = field->options().GetExtension(ssnas::rule);
  std::vector<double> bad;
  const bool whole = field->cpp_type() == FieldDescriptor::CPPTYPE_INT32;
  if (rule.has_min()) bad.push_back(whole ? rule.min() - 1 : std::nextafter(rule.min(), -1e9));
  if (rule.has_max()) bad.push_back(whole ? rule.max() + 1 : std::nextafter(rule.max(), 1e9));
  if (rule.has_above()) bad.push_back(rule.above());
  EXPECT_GE(bad.size(), 2u) << field->full_name() << " has no range";
  if (!whole) bad.push_back(std::numeric_limits<double>::quiet_NaN());
  return bad;
}

// Configs made in code do not pass the spec loader, which checks ranges first.
TEST_P(AugmentationConformanceTest, RefusesConfigsOutsideTheirRules) {
  PluginSpec spec = Example(GetParam());
  const std::unique_ptr<Message> example = *TableOf<Augmentation>().ResolveConfig(spec);
  const google::protobuf::Descriptor& type = *example->GetDescriptor();
  ASSERT_GT(type.field_count(), 0);
  for (int i = 0; i < type.field_count(); ++i) {
    for (const double value : BadValues(type.field(i))) {
      const std::unique_ptr<Message> config(example->New());
      config->CopyFrom(*example);
      Set(*config, type.field(i), value);
      spec.mutable_config()->PackFrom(*config);
      const absl::Status status = CreatePlugin<Augmentation>(spec).status();
      EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument)
          << type.field(i)->full_name() << " = " << value;
      EXPECT_EQ(std::string(status.message()).rfind(GetParam() + ": ", 0), 0u) << status;
    }
  }
  spec.mutable_config()->PackFrom(PluginSpec());
  EXPECT_EQ(CreatePlugin<Augmentation>(spec).status().code(), absl::StatusCode::kInvalidArgument);
}

INSTANTIATE_TEST_SUITE_P(Registered, AugmentationConformanceTest,
                         ::testing::ValuesIn(TableOf<Augmentation>().Names()),
                         [](const auto& info) { return info.param; });

TEST(RegistryTest, HoldsTheAugmentationsOfSimClrAndDarts) {
  const std::vector<std::string> names = TableOf<Augmentation>().Names();
  const std::set<std::string> there(names.begin(), names.end());
  for (const char* name : {"random_resized_crop", "flip", "color_jitter", "grayscale",
                           "gaussian_blur", "normalize", "cutout", "pad_crop", "resize"}) {
    EXPECT_TRUE(there.count(name)) << name;
  }
}

}  // namespace
}  // namespace ssnas
