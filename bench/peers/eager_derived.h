// Supervised training of a derived network as quark0/darts does it (train.py), on libtorch in
// channels_last: the peer of bench/training_step.
//
// Affine norms, drop-path on every operation but the identity, auxiliary head behind the cell at
// two thirds with weight 0.4, cross-entropy, SGD with momentum, gradients clipped at 5. Weights of
// one seed are those of the project's derived network. Source: DARTS section 3.1, CIFAR-10.
#ifndef BENCH_PEERS_EAGER_DERIVED_H_
#define BENCH_PEERS_EAGER_DERIVED_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bench/batches.h"
#include "bench/peers/eager_supernet.h"

namespace ssnas {

// Two edges a node, in the order of nodes: operation and the state that it reads.
struct EagerEdge {
  std::string operation;
  int from = 0;
};

struct EagerDerivedOptions {
  std::vector<EagerEdge> normal, reduction;
  int channels = 36, cells = 20;
  int64_t image_size = 32;
  double drop_path = 0, auxiliary_weight = 0.4;
  bool channels_last = true;
  uint64_t seed = 1;
};

struct EagerTraining {
  double loss = 0;        // before the step
  EagerHalfStep seconds;  // `cells` holds the auxiliary head's forward pass too
};

class EagerDerived {
 public:
  static std::unique_ptr<EagerDerived> Create(const EagerDerivedOptions& options);
  virtual ~EagerDerived() = default;

  virtual void SetBatch(const BenchBatch& batch) = 0;
  virtual EagerTraining Step() = 0;
};

}  // namespace ssnas

#endif  // BENCH_PEERS_EAGER_DERIVED_H_
