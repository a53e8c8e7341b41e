// The search step of quark0/darts on libtorch, as the peer that the project's own is timed against.
//
// The whole supernet, every candidate of every edge a chain of framework calls of its own, mixed by
// softmax(α); stem, reduction cells at ⌊cells/3⌋ and ⌊2·cells/3⌋, classifier; first-order steps.
// Peer A keeps tensors in NCHW, as quark0/darts does, peer B in channels_last. Both halves compute
// all gradients, as there; with `alpha_only` the alpha half computes the alphas' alone. Weights of
// one seed are those of the project's supernet. A peer is started in a process of its own: what
// libtorch keeps in memory is never given back. Source: DARTS algorithm 1 (ξ = 0).
#ifndef BENCH_PEERS_EAGER_SUPERNET_H_
#define BENCH_PEERS_EAGER_SUPERNET_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bench/batches.h"

namespace ssnas {

struct EagerSupernetOptions {
  int channels = 16;
  int cells = 8;
  bool channels_last = false;
  bool alpha_only = false;
  bool nt_xent = false;  // two views of rows/2 images through DARTS' supernet; else cross-entropy
  uint64_t seed = 1;
};

// Seconds of one half of a step. The objective's backward pass is part of `backward`.
struct EagerHalfStep {
  double stem = 0, cells = 0, objective = 0, backward = 0, optimizer = 0;
};

struct EagerStep {
  EagerHalfStep alpha, weight;
};

// Of one pass with cross-entropy, in float; tensors by the project's names, images NHWC, weights in
// PyTorch's order.
struct EagerGradients {
  std::vector<float> representation, images, alphas;
  std::map<std::string, std::vector<float>> weights;
};

class EagerSupernet {
 public:
  static std::unique_ptr<EagerSupernet> Create(const EagerSupernetOptions& options);
  virtual ~EagerSupernet() = default;

  // What Step works on, converted to the peer's layout.
  virtual void SetBatches(const BenchBatch& alpha_half, const BenchBatch& weight_half) = 0;
  virtual EagerStep Step() = 0;
  // 2 × 14 × 8 logits: normal, then reduction.
  virtual void SetAlphas(const std::vector<float>& alphas) = 0;
  virtual EagerGradients Gradients(const BenchBatch& batch) = 0;
};

}  // namespace ssnas

#endif  // BENCH_PEERS_EAGER_SUPERNET_H_
