// Times SimCLR's views on one core: //ssnas/datasets:view_benchmark. items/s are views.
#include <cstdint>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "google/protobuf/text_format.h"
#include "ssnas/core/logging.h"
#include "ssnas/datasets/view_pipeline.h"

namespace ssnas {
namespace {

// The first `count` of crop, flip, jitter, grey, blur, normalisation.
ViewPipeline SimClr(int64_t size, int64_t count) {
  const std::vector<std::string> texts = {
      "name: 'random_resized_crop' config { [type.googleapis.com/ssnas.RandomResizedCropConfig] { "
      "size: " +
          std::to_string(size) + " } }",
      "name: 'flip'",
      "name: 'color_jitter'",
      "name: 'grayscale'",
      "name: 'gaussian_blur'",
      "name: 'normalize' config { [type.googleapis.com/ssnas.NormalizeConfig] { "
      "mean: [0.5, 0.5, 0.5] std: [0.25, 0.25, 0.25] } }"};
  google::protobuf::RepeatedPtrField<PluginSpec> steps;
  for (int64_t i = 0; i < count; ++i) {
    CHECK(google::protobuf::TextFormat::ParseFromString(texts[i], steps.Add())) << texts[i];
  }
  auto pipeline = ViewPipeline::Create(steps);
  CHECK(pipeline.ok()) << pipeline.status();
  return *std::move(pipeline);
}

void BM_View(benchmark::State& state) {
  const int size = static_cast<int>(state.range(0)), channels = static_cast<int>(state.range(1));
  const ViewPipeline pipeline = SimClr(size, state.range(2));
  std::vector<uint8_t> bytes(size * size * channels);
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(i * i * 7 + i * 31);
  int64_t sample = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        pipeline.MakeView({bytes.data(), size, size, channels}, 1, 0, sample++, 0));
  }
  state.SetItemsProcessed(state.iterations());
}
// Fashion-MNIST and CIFAR-10, in full; then what each step of the latter adds.
BENCHMARK(BM_View)->ArgNames({"size", "channels", "steps"})->Args({28, 1, 6})->Args({32, 3, 6});
BENCHMARK(BM_View)
    ->ArgNames({"size", "channels", "steps"})
    ->ArgsProduct({{32}, {3}, {0, 1, 2, 3, 4, 5}});

}  // namespace
}  // namespace ssnas
