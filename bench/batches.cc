#include "bench/batches.h"

#include "ssnas/core/philox.h"

namespace ssnas {
namespace {

constexpr int64_t kColours = 3;
constexpr int64_t kAlphas = 2 * 14 * 8;  // two kinds of cells, 14 edges, 8 candidates

// Streams of one seed.
enum : uint64_t { kImageStream, kLabelStream, kAlphaStream };

Philox Stream(uint64_t seed, uint64_t stream) {
  return Philox({.seed = seed, .purpose = Purpose::kTest, .sample = stream});
}

}  // namespace

BenchBatch RandomBatch(int64_t rows, int64_t image_size, uint64_t seed) {
  BenchBatch batch{.shape = {rows, image_size, image_size, kColours}};
  batch.images.resize(batch.shape.count());
  Philox values = Stream(seed, kImageStream);
  for (float& value : batch.images) value = static_cast<float>(values.Normal());
  Philox classes = Stream(seed, kLabelStream);
  for (int64_t i = 0; i < rows; ++i) {
    batch.labels.push_back(static_cast<int32_t>(classes.Below(kBenchClasses)));
  }
  return batch;
}

std::vector<float> RandomAlphas(double spread, uint64_t seed) {
  std::vector<float> alphas(kAlphas);
  Philox values = Stream(seed, kAlphaStream);
  for (float& alpha : alphas) alpha = static_cast<float>(spread * values.Normal());
  return alphas;
}

}  // namespace ssnas
