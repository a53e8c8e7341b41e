#include "ssnas/datasets/fused_views/fused_views.h"

#include <type_traits>

#include "ssnas/datasets/augmentations/color_jitter/color_jitter.h"
#include "ssnas/datasets/augmentations/flip/flip.h"
#include "ssnas/datasets/augmentations/gaussian_blur/gaussian_blur.h"
#include "ssnas/datasets/augmentations/grayscale/grayscale.h"
#include "ssnas/datasets/augmentations/normalize/normalize.h"
#include "ssnas/datasets/augmentations/random_resized_crop/random_resized_crop.h"
#include "ssnas/datasets/augmentations/resize/resize.h"

namespace ssnas {

std::optional<FusedViews> FusedViews::Create(
    const std::vector<std::unique_ptr<Augmentation>>& steps) {
  FusedViews fused;
  size_t next = 0;
  // Takes the next step if it is of the place's kind.
  const auto take = [&](auto& place) {
    using Step = std::remove_reference_t<decltype(*place.step)>;
    if (next == steps.size()) return;
    place.step = dynamic_cast<Step*>(steps[next].get());
    place.number = next;
    if (place.step != nullptr) ++next;
  };
  take(fused.crop_);
  if (fused.crop_.step == nullptr) take(fused.resize_);
  take(fused.flip_);
  take(fused.jitter_);
  take(fused.gray_);
  take(fused.blur_);
  take(fused.normalize_);
  if (next == 0) return std::nullopt;
  fused.count_ = next;
  return fused;
}

int FusedViews::OutputSize(int size) const {
  if (crop_.step != nullptr) return crop_.step->OutputSize();
  return resize_.step != nullptr ? resize_.step->OutputSize() : size;
}

fused_views::ViewPlan FusedViews::Draw(const ImageView& image, const ViewKey& key) const {
  fused_views::ViewPlan plan;
  plan.box = {.top = 0, .left = 0, .height = image.height, .width = image.width};
  plan.height = OutputSize(image.height);
  plan.width = OutputSize(image.width);
  const auto stream = [&key](const auto& place) { return key.Stream(place.number); };
  if (crop_.step != nullptr) {
    Philox random = stream(crop_);
    plan.box = crop_.step->DrawBox(random, image.height, image.width);
  }
  if (flip_.step != nullptr) {
    Philox random = stream(flip_);
    plan.flip = flip_.step->Draw(random);
  }
  if (jitter_.step != nullptr) {
    Philox random = stream(jitter_);
    const ColorJitterDraw draw = jitter_.step->Draw(random);
    plan.change_count = draw.count;
    plan.changes = draw.changes;
  }
  if (gray_.step != nullptr) {
    Philox random = stream(gray_);
    plan.gray = gray_.step->Draw(random);
  }
  if (blur_.step != nullptr) {
    Philox random = stream(blur_);
    const BlurDraw draw = blur_.step->Draw(random, plan.height);
    plan.blur_radius = draw.radius;
    plan.blur_sigma = draw.sigma;
  }
  if (normalize_.step != nullptr) {
    plan.normalize = true;
    plan.mean = normalize_.step->mean();
    plan.scale = normalize_.step->scale();
  }
  return plan;
}

void FusedViews::MakeView(const ImageView& image, const ViewKey& key, float* out) const {
  thread_local fused_views::ViewScratch scratch;
  fused_views::RenderView(image, Draw(image, key), scratch, out);
}

}  // namespace ssnas
