#include "ssnas/datasets/augmentations/random_resized_crop/random_resized_crop.h"

#include <algorithm>
#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "ssnas/core/config_rules.h"
#include "ssnas/core/status_macros.h"

namespace ssnas {
namespace {

constexpr int kTries = 10;

// The largest box in the middle with an aspect within bounds.
CropBox CentralBox(double min_aspect, double max_aspect, int height, int width) {
  const double aspect = static_cast<double>(width) / height;
  CropBox box = {.top = 0, .left = 0, .height = height, .width = width};
  if (aspect < min_aspect) box.height = static_cast<int>(std::nearbyint(width / min_aspect));
  if (aspect > max_aspect) box.width = static_cast<int>(std::nearbyint(height * max_aspect));
  box.height = std::clamp(box.height, 1, height);
  box.width = std::clamp(box.width, 1, width);
  box.top = (height - box.height) / 2;
  box.left = (width - box.width) / 2;
  return box;
}

absl::Status CheckOrder(const char* what, double low, double high) {
  if (low <= high) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("random_resized_crop: min_", what, " ", low,
                                                 " is more than max_", what, " ", high));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Augmentation>> RandomResizedCrop::Create(
    const RandomResizedCropConfig& config) {
  SSNAS_RETURN_IF_ERROR(CheckRules("random_resized_crop", config));
  SSNAS_RETURN_IF_ERROR(CheckOrder("area", config.min_area(), config.max_area()));
  SSNAS_RETURN_IF_ERROR(CheckOrder("aspect", config.min_aspect(), config.max_aspect()));
  return std::unique_ptr<Augmentation>(new RandomResizedCrop(config));
}

RandomResizedCrop::RandomResizedCrop(const RandomResizedCropConfig& config)
    : config_(config),
      log_min_aspect_(std::log(config.min_aspect())),
      log_max_aspect_(std::log(config.max_aspect())) {}

CropBox RandomResizedCrop::DrawBox(Philox& random, int height, int width) const {
  CropBox box;
  for (int i = 0; i < kTries; ++i) {
    const double area = random.Uniform(config_.min_area(), config_.max_area()) * height *
                        static_cast<double>(width);
    const double aspect = std::exp(random.Uniform(log_min_aspect_, log_max_aspect_));
    const double w = std::nearbyint(std::sqrt(area * aspect));
    const double h = std::nearbyint(std::sqrt(area / aspect));
    if (w < 1 || h < 1 || w > width || h > height) continue;
    box.width = static_cast<int>(w);
    box.height = static_cast<int>(h);
    // The tries that are not needed, two numbers of 64 bits each.
    random.Skip(static_cast<uint32_t>(4 * (kTries - 1 - i)));
    break;
  }
  const double y = random.Uniform(), x = random.Uniform();
  if (box.height == 0) {
    return CentralBox(config_.min_aspect(), config_.max_aspect(), height, width);
  }
  box.top = static_cast<int>(y * (height - box.height + 1));
  box.left = static_cast<int>(x * (width - box.width + 1));
  return box;
}

void RandomResizedCrop::Apply(Philox& random, FloatImage& image) const {
  const CropBox box = DrawBox(random, image.height, image.width);
  CropAndResize(box, config_.size(), config_.size(), image);
}

}  // namespace ssnas
