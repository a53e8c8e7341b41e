#include "ssnas/datasets/view_pipeline.h"

#include <algorithm>
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

void CheckArguments(const ImageView& image, const ViewKey& key) {
  CHECK(image.channels == 1 || image.channels == 3) << image.channels << " channels";
  CHECK(key.view >= 0 && key.view < ViewKey::kMaxViews) << "view " << key.view;
}

}  // namespace

absl::StatusOr<ViewPipeline> ViewPipeline::Create(
    const google::protobuf::RepeatedPtrField<PluginSpec>& augmentations, Passes passes) {
  if (augmentations.size() > kMaxSteps) {
    return absl::InvalidArgumentError(
        absl::StrCat(augmentations.size(), " augmentations; give at most ", kMaxSteps));
  }
  ViewPipeline pipeline;
  for (const PluginSpec& spec : augmentations) {
    SSNAS_ASSIGN_OR_RETURN(pipeline.steps_.emplace_back(), CreatePlugin<Augmentation>(spec));
  }
  if (passes == Passes::kFusedIfKnown) pipeline.fused_ = FusedViews::Create(pipeline.steps_);
  VLOG(1) << "views: " << pipeline.fused_steps() << " of " << augmentations.size()
          << " augmentations fused, in one go from bytes; the others plugin by plugin";
  return pipeline;
}

FloatImage ViewPipeline::MakeView(const ImageView& image, uint64_t seed, uint64_t epoch,
                                  int64_t sample, int view) const {
  return MakeView(image, {.seed = seed, .epoch = epoch, .sample = sample, .view = view});
}

FloatImage ViewPipeline::MakeView(const ImageView& image, const ViewKey& key) const {
  CheckArguments(image, key);
  FloatImage out = fused_steps() > 0 ? MakeFused(image, key) : ToFloat(image);
  for (size_t i = fused_steps(); i < steps_.size(); ++i) {
    Philox random = key.Stream(i);
    steps_[i]->Apply(random, out);
  }
  return out;
}

FloatImage ViewPipeline::MakeFused(const ImageView& image, const ViewKey& key) const {
  FloatImage out{.height = fused_->OutputSize(image.height),
                 .width = fused_->OutputSize(image.width),
                 .channels = 3,
                 .pixels = {}};
  out.pixels.resize(size_t{3} * out.height * out.width);
  fused_->MakeView(image, key, out.pixels.data());
  return out;
}

void ViewPipeline::MakeView(const ImageView& image, const ViewKey& key, float* out) const {
  if (!steps_.empty() && fused_steps() == steps_.size()) {
    CheckArguments(image, key);
    return fused_->MakeView(image, key, out);
  }
  const FloatImage made = MakeView(image, key);
  CHECK_EQ(made.height, OutputSize(image.height)) << "a step is not of the size that it says";
  CHECK_EQ(made.width, OutputSize(image.width)) << "a step is not of the size that it says";
  std::copy(made.pixels.begin(), made.pixels.end(), out);
}

int ViewPipeline::OutputSize(int size) const {
  for (const std::unique_ptr<Augmentation>& step : steps_) {
    if (step->OutputSize() > 0) size = step->OutputSize();
  }
  return size;
}

}  // namespace ssnas
