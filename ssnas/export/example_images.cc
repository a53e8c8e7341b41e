#include "ssnas/export/example_images.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "google/protobuf/repeated_field.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/datasets/augmentations/normalize/normalize.pb.h"
#include "ssnas/datasets/view_pipeline.h"

namespace ssnas {
namespace {

using Json = nlohmann::ordered_json;

constexpr int64_t kExamples = 8;
constexpr char kNormalize[] = "normalize";

// The steps of the spec's views that are no chance.
google::protobuf::RepeatedPtrField<PluginSpec> Normalisation(const ExperimentSpec& spec) {
  google::protobuf::RepeatedPtrField<PluginSpec> steps;
  for (const PluginSpec& step : spec.augmentation()) {
    if (step.name() == kNormalize) *steps.Add() = step;
  }
  return steps;
}

// Side of the square that is cut from the middle: the shorter one.
absl::StatusOr<int> Side(const RunContext& context) {
  SSNAS_ASSIGN_OR_RETURN(const ImageSet* images, context.data->Images(Split::kTrain));
  const ImageView first = images->Get(0);
  return std::min(first.height, first.width);
}

// The middle of an image; data sets bring the shorter side to one size.
std::vector<uint8_t> Middle(const ImageView& image, int side) {
  const int top = (image.height - side) / 2, left = (image.width - side) / 2;
  std::vector<uint8_t> square;
  for (int y = 0; y < side; ++y) {
    const uint8_t* row = image.pixels + (int64_t{top + y} * image.width + left) * image.channels;
    square.insert(square.end(), row, row + int64_t{side} * image.channels);
  }
  return square;
}

// Channels last → channels first.
std::vector<float> ChannelsFirst(const PreparedImages& images) {
  const Shape4& shape = images.shape;
  std::vector<float> planes(images.pixels.size());
  const int64_t plane = shape.h * shape.w;
  for (int64_t i = 0; i < shape.n * plane; ++i) {
    for (int64_t c = 0; c < shape.c; ++c) {
      planes[(i / plane * shape.c + c) * plane + i % plane] = images.pixels[i * shape.c + c];
    }
  }
  return planes;
}

}  // namespace

absl::StatusOr<Json> PreprocessRule(const RunContext& context) {
  SSNAS_ASSIGN_OR_RETURN(const int side, Side(context));
  Json rule = {{"image_size", side},
               {"resize", {{"shorter_side", side}, {"filter", "bicubic"}, {"antialias", true}}},
               {"crop", {{"rule", "center"}, {"height", side}, {"width", side}}},
               {"channel_order", "RGB"},
               {"grey", "three equal channels"},
               {"layout", "NCHW"},
               {"value_range", {0.0, 1.0}},
               {"mean", {0.0, 0.0, 0.0}},
               {"std", {1.0, 1.0, 1.0}},
               {"formula", "(pixel / 255 - mean) / std"}};
  for (const PluginSpec& step : Normalisation(*context.spec)) {
    NormalizeConfig config;
    if (!step.config().UnpackTo(&config)) continue;
    rule["mean"] = std::vector<double>(config.mean().begin(), config.mean().end());
    rule["std"] = std::vector<double>(config.std().begin(), config.std().end());
    break;
  }
  return rule;
}

absl::StatusOr<PreparedImages> PrepareImages(const RunContext& context,
                                             const std::vector<int64_t>& indices) {
  SSNAS_ASSIGN_OR_RETURN(const ImageSet* images, context.data->Images(Split::kTrain));
  SSNAS_ASSIGN_OR_RETURN(const int side, Side(context));
  SSNAS_ASSIGN_OR_RETURN(const ViewPipeline pipeline,
                         ViewPipeline::Create(Normalisation(*context.spec)));
  PreparedImages prepared;
  prepared.shape = {static_cast<int64_t>(indices.size()), side, side, 3};
  for (const int64_t index : indices) {
    const ImageView image = images->Get(index);
    if (std::min(image.height, image.width) < side) {
      return absl::InvalidArgumentError(absl::StrCat("image ", index, " is ", image.height, "×",
                                                     image.width, ", smaller than the first"));
    }
    const std::vector<uint8_t> square = Middle(image, side);
    const FloatImage view =
        pipeline.MakeView({square.data(), side, side, image.channels}, context.spec->seed(),
                          /*epoch=*/0, index, /*view=*/0);
    prepared.pixels.insert(prepared.pixels.end(), view.pixels.begin(), view.pixels.end());
  }
  return prepared;
}

absl::StatusOr<TensorFile> ExampleTensors(const RunContext& context, Model& model) {
  SSNAS_ASSIGN_OR_RETURN(const ImageSet* images, context.data->Images(Split::kTrain));
  std::vector<int64_t> indices(std::min(kExamples, images->size()));
  std::iota(indices.begin(), indices.end(), int64_t{0});
  SSNAS_ASSIGN_OR_RETURN(const PreparedImages prepared, PrepareImages(context, indices));
  std::vector<float> features;
  SSNAS_RETURN_IF_ERROR(model.Represent({prepared.pixels.data(), prepared.shape}, &features));
  const Shape4& shape = prepared.shape;
  TensorFile file;
  file.tensors.push_back(NamedTensor::FromFloats("images", {shape.n, shape.c, shape.h, shape.w},
                                                 ChannelsFirst(prepared).data()));
  file.tensors.push_back(NamedTensor::FromFloats(
      "features", {shape.n, static_cast<int64_t>(features.size()) / shape.n}, features.data()));
  return file;
}

}  // namespace ssnas
