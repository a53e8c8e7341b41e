#include "ssnas/datasets/synthetic/synthetic.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <utility>

#include "ssnas/core/config_rules.h"
#include "ssnas/core/philox.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/datasets/packed_images.h"

namespace ssnas {
namespace {

constexpr int kShapes = 5;

// Whether (u, v) lies in the shape, which fills about the unit disc.
bool Inside(int shape, double u, double v) {
  const double a = std::abs(u), b = std::abs(v), radius = std::hypot(u, v);
  switch (shape) {
    case 0:
      return radius <= 0.9;
    case 1:
      return std::max(a, b) <= 0.8;
    case 2:
      return v >= -0.5 && std::numbers::sqrt3 * a + v <= 1;  // corners on the unit circle
    case 3:
      return radius >= 0.5 && radius <= 1;
    default:
      return std::min(a, b) <= 0.3 && std::max(a, b) <= 1;
  }
}

// What is drawn of an image; lengths in widths of the image, colours in 0 … 1.
struct Scene {
  double x, y, radius, cosine, sine;
  std::array<double, 3> background, shape, stripe;
  double light_x, light_y;  // change of brightness across the image
};

Scene DrawScene(Philox& random) {
  Scene scene;
  scene.radius = random.Uniform(0.25, 0.4);
  scene.x = random.Uniform(scene.radius, 1 - scene.radius);
  scene.y = random.Uniform(scene.radius, 1 - scene.radius);
  const double angle = random.Uniform(0, 2 * std::numbers::pi);
  scene.cosine = std::cos(angle);
  scene.sine = std::sin(angle);
  for (int c = 0; c < 3; ++c) {
    scene.background[c] = random.Uniform();
    // At least 0.35 away from the background, in either direction.
    scene.shape[c] = scene.background[c] + random.Uniform(0.35, 0.65);
    if (scene.shape[c] > 1) scene.shape[c] -= 1;
    scene.stripe[c] = 0.5 * (scene.background[c] + scene.shape[c]);
  }
  scene.light_x = random.Uniform(-0.3, 0.3);
  scene.light_y = random.Uniform(-0.3, 0.3);
  return scene;
}

// The colour at (x, y) without noise.
std::array<double, 3> Color(const Scene& scene, int label, double x, double y) {
  const double dx = (x - scene.x) / scene.radius, dy = (y - scene.y) / scene.radius;
  const double u = scene.cosine * dx + scene.sine * dy, v = scene.cosine * dy - scene.sine * dx;
  if (Inside(label % kShapes, u, v)) {
    const bool stripe = label >= kShapes && std::fmod(u + 2, 0.5) < 0.25;
    return stripe ? scene.stripe : scene.shape;
  }
  std::array<double, 3> color = scene.background;
  for (double& c : color) c += scene.light_x * (x - 0.5) + scene.light_y * (y - 0.5);
  return color;
}

// size × size × 3 bytes; each pixel is the mean of four points, plus noise.
void Render(Philox& random, int label, int size, uint8_t* out) {
  const Scene scene = DrawScene(random);
  for (int i = 0; i < size; ++i) {
    for (int j = 0; j < size; ++j) {
      std::array<double, 3> sum = {};
      for (const double y : {0.25, 0.75}) {
        for (const double x : {0.25, 0.75}) {
          const std::array<double, 3> color = Color(scene, label, (j + x) / size, (i + y) / size);
          for (int c = 0; c < 3; ++c) sum[c] += color[c];
        }
      }
      const uint32_t noise = random.Next();  // a byte a channel
      for (int c = 0; c < 3; ++c) {
        const double level = ((noise >> (8 * c) & 255) - 127.5) / 127.5;
        *out++ = static_cast<uint8_t>(
            std::lround(255 * std::clamp(sum[c] / 4 + 0.15 * level, 0.0, 1.0)));
      }
    }
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Dataset>> Synthetic::Create(const SyntheticConfig& config) {
  SSNAS_RETURN_IF_ERROR(CheckRules("synthetic", config));
  return std::unique_ptr<Dataset>(new Synthetic(config));
}

int64_t Synthetic::Count(Split split) const {
  return split == Split::kTrain ? config_.train_images() : config_.test_images();
}

DatasetInfo Synthetic::Info() const {
  return {.title = "synthetic",
          .num_classes = config_.classes(),
          .image_size = config_.size(),
          .train_size = config_.train_images(),
          .test_size = config_.test_images()};
}

absl::StatusOr<std::unique_ptr<ImageSet>> Synthetic::Images(const DatasetContext& context,
                                                            Split split) const {
  const int size = config_.size();
  const size_t bytes = static_cast<size_t>(size) * size * 3;
  std::vector<uint8_t> pixels(bytes * Count(split));
  for (int64_t i = 0; i < Count(split); ++i) {
    Philox random({.seed = context.seed,
                   .purpose = Purpose::kSyntheticImage,
                   .sample = static_cast<uint64_t>(i),
                   .view = split == Split::kTest});
    Render(random, static_cast<int>(i % config_.classes()), size, &pixels[bytes * i]);
  }
  return std::make_unique<PackedImages>(size, size, 3, std::move(pixels));
}

absl::StatusOr<std::vector<int32_t>> Synthetic::Labels(const DatasetContext& /*context*/,
                                                       Split split) const {
  std::vector<int32_t> labels(Count(split));
  for (size_t i = 0; i < labels.size(); ++i)
    labels[i] = static_cast<int32_t>(i % config_.classes());
  return labels;
}

}  // namespace ssnas
