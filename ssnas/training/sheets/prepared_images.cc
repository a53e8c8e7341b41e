#include "ssnas/training/sheets/prepared_images.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/datasets/view_pipeline.h"

namespace ssnas {
namespace {

constexpr char kNormalize[] = "normalize";

}  // namespace

google::protobuf::RepeatedPtrField<PluginSpec> Normalisation(const ExperimentSpec& spec) {
  google::protobuf::RepeatedPtrField<PluginSpec> steps;
  for (const PluginSpec& step : spec.augmentation()) {
    if (step.name() == kNormalize) *steps.Add() = step;
  }
  return steps;
}

absl::StatusOr<int> PreparedSide(const RunContext& context) {
  SSNAS_ASSIGN_OR_RETURN(const ImageSet* images, context.data->Images(Split::kTrain));
  const ImageView first = images->Get(0);
  return std::min(first.height, first.width);
}

std::vector<uint8_t> Middle(const ImageView& image, int side) {
  const int top = (image.height - side) / 2, left = (image.width - side) / 2;
  std::vector<uint8_t> square;
  for (int y = 0; y < side; ++y) {
    const uint8_t* row = image.pixels + (int64_t{top + y} * image.width + left) * image.channels;
    square.insert(square.end(), row, row + int64_t{side} * image.channels);
  }
  return square;
}

absl::StatusOr<PreparedImages> PrepareImages(const RunContext& context,
                                             const std::vector<int64_t>& indices) {
  SSNAS_ASSIGN_OR_RETURN(const ImageSet* images, context.data->Images(Split::kTrain));
  SSNAS_ASSIGN_OR_RETURN(const int side, PreparedSide(context));
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

}  // namespace ssnas
