#include "bench/time_views.h"

#include <time.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bench/view_cost.h"
#include "google/protobuf/text_format.h"
#include "ssnas/core/logging.h"
#include "ssnas/core/philox.h"
#include "ssnas/core/registry.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/datasets/fused_views/fused_views.h"
#include "ssnas/datasets/packed_images.h"
#include "ssnas/datasets/view_pipeline.h"

namespace ssnas {
namespace {

using Specs = google::protobuf::RepeatedPtrField<PluginSpec>;

constexpr uint64_t kSeed = 1;
constexpr int kBatch = 64;       // views that a batch has places for
constexpr int kHotViews = 64;    // whose time in cache is taken, at most
constexpr int kHotRenders = 16;  // between two looks at the clock, which costs some 0.2 µs
constexpr int kLeastRepetitions = 3;

double ThreadNanoseconds() {
  timespec now;
  CHECK_EQ(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now), 0);
  return 1e9 * static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec);
}

// Nanoseconds of the fastest call in `seconds`.
double Fastest(double seconds, const std::function<void()>& body) {
  double best = std::numeric_limits<double>::infinity();
  const double end = ThreadNanoseconds() + 1e9 * seconds;
  const int least = seconds > 0 ? kLeastRepetitions : 1;
  for (int i = 0; i < least || ThreadNanoseconds() < end; ++i) {
    const double begin = ThreadNanoseconds();
    body();
    best = std::min(best, ThreadNanoseconds() - begin);
  }
  return best;
}

// Noise; no step's time depends on what is in an image.
PackedImages MakeImages(const ViewCase& view_case) {
  Philox random({.seed = kSeed, .purpose = Purpose::kTest});
  std::vector<uint8_t> bytes(static_cast<size_t>(view_case.images) * view_case.height *
                             view_case.width * view_case.channels);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random.Next());
  return PackedImages(view_case.height, view_case.width, view_case.channels, std::move(bytes));
}

// SimCLR's steps at the plugins' defaults: jitter .8, grey .2, blur .5.
Specs SimClr(int size) {
  const std::vector<std::string> texts = {
      absl::StrCat("name: 'random_resized_crop' config { "
                   "[type.googleapis.com/ssnas.RandomResizedCropConfig] { size: ",
                   size, " } }"),
      "name: 'flip'",
      "name: 'color_jitter'",
      "name: 'grayscale'",
      "name: 'gaussian_blur'",
      "name: 'normalize' config { [type.googleapis.com/ssnas.NormalizeConfig] { "
      "mean: [0.5, 0.5, 0.5] std: [0.25, 0.25, 0.25] } }"};
  Specs specs;
  for (const std::string& text : texts) {
    CHECK(google::protobuf::TextFormat::ParseFromString(text, specs.Add())) << text;
  }
  return specs;
}

ViewKey KeyOf(int64_t sample) { return {.seed = kSeed, .epoch = 0, .sample = sample, .view = 0}; }

// Nanoseconds a view of whole repetitions.
double TimePipeline(const ViewPipeline& pipeline, const PackedImages& images, size_t view_floats,
                    double seconds) {
  std::vector<float> batch(kBatch * view_floats);
  const int64_t count = images.size();
  return Fastest(seconds,
                 [&] {
                   for (int64_t i = 0; i < count; ++i) {
                     pipeline.MakeView(images.Get(i), KeyOf(i), &batch[i % kBatch * view_floats]);
                   }
                 }) /
         static_cast<double>(count);
}

// Both bounds, over the first views of a repetition.
void TimeBounds(const FusedViews& fused, const PackedImages& images, size_t view_floats,
                double seconds, double gflops, ViewTimes* times) {
  const int count = static_cast<int>(std::min<int64_t>(kHotViews, images.size()));
  fused_views::ViewScratch scratch;
  std::vector<float> out(view_floats);
  for (int i = 0; i < count; ++i) {
    const ImageView image = images.Get(i);
    const fused_views::ViewPlan plan = fused.Draw(image, KeyOf(i));
    times->in_cache += Fastest(seconds / count, [&] {
      for (int k = 0; k < kHotRenders; ++k) {
        fused_views::RenderView(image, plan, scratch, out.data());
      }
    });
    times->arithmetic += static_cast<double>(CountOperations(plan, image.channels)) / (gflops / 2);
  }
  times->in_cache /= count * kHotRenders;
  times->arithmetic /= count;
}

}  // namespace

absl::StatusOr<ViewTimes> TimeViews(const ViewCase& view_case, double seconds, double gflops) {
  const Specs specs = SimClr(view_case.size);
  const PackedImages images = MakeImages(view_case);
  const size_t view_floats = size_t{3} * view_case.size * view_case.size;
  ViewTimes times;
  for (const bool fused : {true, false}) {
    SSNAS_ASSIGN_OR_RETURN(
        const ViewPipeline pipeline,
        ViewPipeline::Create(specs, fused ? ViewPipeline::Passes::kFusedIfKnown
                                          : ViewPipeline::Passes::kOnePerPlugin));
    (fused ? times.fused : times.plugins) = TimePipeline(pipeline, images, view_floats, seconds);
  }
  std::vector<std::unique_ptr<Augmentation>> steps;
  for (const PluginSpec& spec : specs) {
    SSNAS_ASSIGN_OR_RETURN(steps.emplace_back(), CreatePlugin<Augmentation>(spec));
  }
  const std::optional<FusedViews> fused = FusedViews::Create(steps);
  CHECK(fused.has_value() && fused->count() == steps.size());
  TimeBounds(*fused, images, view_floats, seconds, gflops, &times);
  return times;
}

}  // namespace ssnas
