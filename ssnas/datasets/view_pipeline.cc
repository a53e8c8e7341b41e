#include "ssnas/datasets/view_pipeline.h"

#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "ssnas/core/logging.h"
#include "ssnas/core/philox.h"
#include "ssnas/core/registry.h"
#include "ssnas/core/status_macros.h"

namespace ssnas {
namespace {

FloatImage ToFloat(const ImageView& image) {
  const size_t count = static_cast<size_t>(image.height) * image.width;
  FloatImage out{.height = image.height, .width = image.width, .channels = 3, .pixels = {}};
  out.pixels.resize(3 * count);
  if (image.channels == 3) {
    for (size_t i = 0; i < 3 * count; ++i) out.pixels[i] = image.pixels[i] / 255.0f;
  } else {
    for (size_t i = 0; i < count; ++i) {
      out.pixels[3 * i] = out.pixels[3 * i + 1] = out.pixels[3 * i + 2] = image.pixels[i] / 255.0f;
    }
  }
  return out;
}

}  // namespace

absl::StatusOr<ViewPipeline> ViewPipeline::Create(
    const google::protobuf::RepeatedPtrField<PluginSpec>& augmentations) {
  if (augmentations.size() > kMaxSteps) {
    return absl::InvalidArgumentError(
        absl::StrCat(augmentations.size(), " augmentations; give at most ", kMaxSteps));
  }
  ViewPipeline pipeline;
  for (const PluginSpec& spec : augmentations) {
    SSNAS_ASSIGN_OR_RETURN(pipeline.steps_.emplace_back(), CreatePlugin<Augmentation>(spec));
  }
  return pipeline;
}

FloatImage ViewPipeline::MakeView(const ImageView& image, uint64_t seed, uint64_t epoch,
                                  int64_t sample, int view) const {
  CHECK(image.channels == 1 || image.channels == 3) << image.channels << " channels";
  CHECK(view >= 0 && view < kMaxViews) << "view " << view;
  FloatImage out = ToFloat(image);
  for (size_t i = 0; i < steps_.size(); ++i) {
    Philox random({.seed = seed,
                   .purpose = Purpose::kView,
                   .epoch = epoch,
                   .sample = static_cast<uint64_t>(sample),
                   // Of the 16 bits, the upper 8 are the step's and the lower 8 the view's.
                   .view = static_cast<uint32_t>(i) * kMaxViews + static_cast<uint32_t>(view)});
    steps_[i]->Apply(random, out);
  }
  return out;
}

int ViewPipeline::OutputSize(int size) const {
  for (const std::unique_ptr<Augmentation>& step : steps_) {
    if (step->OutputSize() > 0) size = step->OutputSize();
  }
  return size;
}

}  // namespace ssnas
