// What every registered data set must keep to. Data that a program does not find must be said, not
// crash it.
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "ssnas/core/registry.h"
#include "ssnas/core/testing/plugin_example.h"
#include "ssnas/datasets/dataset.h"
#include "ssnas/proto/options.pb.h"

namespace ssnas {
namespace {

// The example of the plugin's folder; each name has a folder of its own.
PluginSpec Example(const std::string& name) {
  const absl::StatusOr<PluginSpec> spec = ReadPluginExample((*TableOf<Dataset>().Find(name))->file);
  EXPECT_TRUE(spec.ok()) << spec.status();
  return spec.value_or(PluginSpec());
}

class DatasetConformanceTest : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const PluginSpec spec = Example(GetParam());
    ASSERT_EQ(spec.name(), GetParam());
    auto dataset = CreatePlugin<Dataset>(spec);
    ASSERT_TRUE(dataset.ok()) << dataset.status();
    dataset_ = *std::move(dataset);
  }

  std::unique_ptr<Dataset> dataset_;
};

TEST_P(DatasetConformanceTest, SaysWhatItIs) {
  const DatasetInfo info = dataset_->Info();
  EXPECT_FALSE(info.title.empty());
  EXPECT_GE(info.image_size, 1);
}

TEST_P(DatasetConformanceTest, AgreesWithItselfOrSaysWhatIsMissing) {
  const DatasetInfo info = dataset_->Info();
  for (const Split split : {Split::kTrain, Split::kTest}) {
    const int64_t said = split == Split::kTrain ? info.train_size : info.test_size;
    const auto images = dataset_->Images({.data_dir = "", .seed = 1}, split);
    if (!images.ok()) {
      EXPECT_EQ(images.status().code(), absl::StatusCode::kNotFound) << images.status();
      continue;
    }
    EXPECT_EQ((*images)->size(), said);
    for (const int64_t index : {int64_t{0}, said / 2, said - 1}) {
      const ImageView image = (*images)->Get(index);
      EXPECT_EQ(image.height, info.image_size);
      EXPECT_EQ(image.width, info.image_size);
      EXPECT_TRUE(image.channels == 1 || image.channels == 3);
    }
    const auto labels = dataset_->Labels({.data_dir = "", .seed = 1}, split);
    ASSERT_TRUE(labels.ok()) << labels.status();
    EXPECT_EQ(static_cast<int64_t>(labels->size()), said);
    for (const int32_t label : *labels) ASSERT_TRUE(label >= 0 && label < info.num_classes);
  }
}

TEST_P(DatasetConformanceTest, NamesAFolderThatHasNotItsFiles) {
  const DatasetContext context = {.data_dir = "/no/such/folder", .seed = 1};
  for (const Split split : {Split::kTrain, Split::kTest}) {
    for (const absl::Status& status :
         {dataset_->Images(context, split).status(), dataset_->Labels(context, split).status()}) {
      if (status.ok()) continue;  // It has no files.
      EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
      EXPECT_EQ(std::string(status.message()).rfind(GetParam() + ": ", 0), 0u) << status;
      EXPECT_NE(std::string(status.message()).find(context.data_dir), std::string::npos) << status;
    }
  }
}

// Configs made in code do not pass the spec loader, which checks ranges first.
TEST_P(DatasetConformanceTest, RefusesConfigsOutsideTheirRules) {
  PluginSpec spec = Example(GetParam());
  const auto example = *TableOf<Dataset>().ResolveConfig(spec);
  const google::protobuf::Descriptor& type = *example->GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const google::protobuf::FieldDescriptor* field = type.field(i);
    if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_INT32) continue;
    const FieldRule& rule = field->options().GetExtension(ssnas::rule);
    ASSERT_TRUE(rule.has_min() && rule.has_max()) << field->full_name() << " has no range";
    for (const double value : {rule.min() - 1, rule.max() + 1}) {
      const std::unique_ptr<google::protobuf::Message> config(example->New());
      config->CopyFrom(*example);
      config->GetReflection()->SetInt32(config.get(), field, static_cast<int32_t>(value));
      spec.mutable_config()->PackFrom(*config);
      EXPECT_EQ(CreatePlugin<Dataset>(spec).status().code(), absl::StatusCode::kInvalidArgument)
          << field->full_name() << " = " << value;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Registered, DatasetConformanceTest,
                         ::testing::ValuesIn(TableOf<Dataset>().Names()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace ssnas
