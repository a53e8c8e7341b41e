#include "stripes/stripes.h"

#include <cmath>
#include <cstddef>
#include <numbers>
#include <utility>

#include "ssnas/core/config_rules.h"
#include "ssnas/core/philox.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/datasets/packed_images.h"

namespace outside {
namespace {

constexpr int kClasses = 4;

void Draw(ssnas::Philox& random, int label, int size, uint8_t* out) {
  const double angle = label * std::numbers::pi / kClasses;
  const double turn = 2 * std::numbers::pi / random.Uniform(3, 8);  // a pixel
  const double phase = random.Uniform(0, 2 * std::numbers::pi);
  for (int i = 0; i < size; ++i) {
    for (int j = 0; j < size; ++j) {
      const double along = j * std::cos(angle) + i * std::sin(angle);
      *out++ = static_cast<uint8_t>(std::lround(127.5 * (1 + std::sin(turn * along + phase))));
    }
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<ssnas::Dataset>> Stripes::Create(const StripesConfig& config) {
  SSNAS_RETURN_IF_ERROR(ssnas::CheckRules("stripes", config));
  return std::unique_ptr<ssnas::Dataset>(new Stripes(config));
}

int64_t Stripes::Count(ssnas::Split split) const {
  return split == ssnas::Split::kTrain ? config_.train_images() : config_.test_images();
}

ssnas::DatasetInfo Stripes::Info() const {
  return {.title = "stripes",
          .num_classes = kClasses,
          .image_size = config_.size(),
          .train_size = config_.train_images(),
          .test_size = config_.test_images()};
}

absl::StatusOr<std::unique_ptr<ssnas::ImageSet>> Stripes::Images(
    const ssnas::DatasetContext& context, ssnas::Split split) const {
  const int size = config_.size();
  const size_t bytes = static_cast<size_t>(size) * size;
  std::vector<uint8_t> pixels(bytes * Count(split));
  for (int64_t i = 0; i < Count(split); ++i) {
    ssnas::Philox random({.seed = context.seed,
                          .purpose = ssnas::Purpose::kSyntheticImage,
                          .sample = static_cast<uint64_t>(i),
                          .view = split == ssnas::Split::kTest});
    Draw(random, static_cast<int>(i % kClasses), size, &pixels[bytes * i]);
  }
  return std::make_unique<ssnas::PackedImages>(size, size, /*channels=*/1, std::move(pixels));
}

absl::StatusOr<std::vector<int32_t>> Stripes::Labels(const ssnas::DatasetContext& /*context*/,
                                                     ssnas::Split split) const {
  std::vector<int32_t> labels(Count(split));
  for (size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<int32_t>(i % kClasses);
  return labels;
}

}  // namespace outside
