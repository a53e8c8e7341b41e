// What every peer does around its forward pass: layouts, losses, clipping and the optimisers, as
// PyTorch does them one parameter after the other.
#ifndef BENCH_PEERS_EAGER_STEP_H_
#define BENCH_PEERS_EAGER_STEP_H_

#include <ATen/core/Tensor.h>

#include <chrono>
#include <cstdint>
#include <vector>

#include "bench/batches.h"

namespace ssnas {

// Seconds since it was made, or since the last Lap.
class LapTimer {
 public:
  double Lap() {
    const auto now = std::chrono::steady_clock::now();
    const double seconds = std::chrono::duration<double>(now - last_).count();
    last_ = now;
    return seconds;
  }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

// Threads of libtorch within an operation, in this process; between operations it is one.
void SetEagerThreads(int threads);

// The batch's images as N×C×H×W in the peer's layout, and its labels.
at::Tensor EagerImages(const BenchBatch& batch, bool channels_last);
at::Tensor EagerLabels(const BenchBatch& batch);

at::Tensor EagerCrossEntropy(const at::Tensor& logits, const at::Tensor& labels);
// Of projections, rows view-major, with the whole similarity matrix: what SimCLR's copies do.
at::Tensor EagerNtXent(const at::Tensor& projections, double temperature);

// Gradients become undefined, as zero_grad() leaves them.
void DropGradients(const std::vector<at::Tensor>& parameters);
// clip_grad_norm_ over the parameters' gradients.
void ClipGradients(const std::vector<at::Tensor>& parameters, double clip_norm);

// SGD with momentum and weight decay; 0.025, 0.9, 3e-4 as in DARTS.
class EagerSgd {
 public:
  explicit EagerSgd(std::vector<at::Tensor> parameters) : parameters_(std::move(parameters)) {}
  void Step();

 private:
  std::vector<at::Tensor> parameters_, momenta_;
};

// Adam with weight decay; 3e-4, (0.5, 0.999), 1e-3 as in DARTS.
class EagerAdam {
 public:
  explicit EagerAdam(std::vector<at::Tensor> parameters) : parameters_(std::move(parameters)) {}
  void Step();

 private:
  std::vector<at::Tensor> parameters_, m_, v_;
  int64_t steps_ = 0;
};

}  // namespace ssnas

#endif  // BENCH_PEERS_EAGER_STEP_H_
