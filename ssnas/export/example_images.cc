#include "ssnas/export/example_images.h"

#include <algorithm>
#include <numeric>

#include "ssnas/core/status_macros.h"
#include "ssnas/datasets/augmentations/normalize/normalize.pb.h"
#include "ssnas/training/sheets/prepared_images.h"

namespace ssnas {
namespace {

using Json = nlohmann::ordered_json;

constexpr int64_t kExamples = 8;

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
  SSNAS_ASSIGN_OR_RETURN(const int side, PreparedSide(context));
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
