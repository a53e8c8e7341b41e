// Random images and labels for the benchmarks: the same for every program of one seed.
#ifndef BENCH_BATCHES_H_
#define BENCH_BATCHES_H_

#include <cstdint>
#include <vector>

#include "ssnas/core/tensor.h"

namespace ssnas {

struct BenchBatch {
  Shape4 shape;
  std::vector<float> images;    // NHWC, standard normal
  std::vector<int32_t> labels;  // of 10 classes, one a row

  View4<const float> view() const { return {images.data(), shape}; }
};

inline constexpr int kBenchClasses = 10;

BenchBatch RandomBatch(int64_t rows, int64_t image_size, uint64_t seed);

// 2 × 14 × 8 logits of a DARTS search that has moved: standard normal times `spread`.
std::vector<float> RandomAlphas(double spread, uint64_t seed);

}  // namespace ssnas

#endif  // BENCH_BATCHES_H_
