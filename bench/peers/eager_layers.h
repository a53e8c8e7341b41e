// The layers of quark0/darts as libtorch calls with autograd: what the peers are made of.
//
// Layers are functions over tensors; their parameters are leaves of an EagerParameters, named and
// initialised as the project's own (core/parameters.h), so that a peer and a network of one seed
// hold the same values. Nothing else is shared with the project's networks. Names and defaults
// follow operations.py of quark0/darts; source: DARTS section 3.1.
#ifndef BENCH_PEERS_EAGER_LAYERS_H_
#define BENCH_PEERS_EAGER_LAYERS_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "ssnas/core/parameters.h"

namespace ssnas {

using EagerLayer = std::function<at::Tensor(const at::Tensor&)>;

class EagerParameters {
 public:
  EagerParameters(bool channels_last, uint64_t seed) : channels_last_(channels_last), seed_(seed) {}

  // A leaf that requires a gradient, in the layout of this peer.
  at::Tensor Add(ParameterSpec spec);

  const std::vector<std::pair<std::string, at::Tensor>>& all() const { return all_; }

 private:
  const bool channels_last_;
  const uint64_t seed_;
  std::vector<std::pair<std::string, at::Tensor>> all_;
};

struct EagerConv {
  int64_t in = 0, out = 0;
  int kernel = 1, stride = 1, padding = 0, dilation = 1;
  int64_t groups = 1;
};

// "<name>.weight", no bias.
EagerLayer Conv(EagerParameters& parameters, const std::string& name, const EagerConv& conv);
// Batch statistics; running statistics are kept as nn.BatchNorm2d keeps them in training.
EagerLayer BatchNorm(EagerParameters& parameters, const std::string& name, int64_t channels,
                     bool affine);
// "<name>.weight", "<name>.bias".
EagerLayer Linear(EagerParameters& parameters, const std::string& name, int64_t in, int64_t out);
EagerLayer Sequence(std::vector<EagerLayer> layers);

// The next four take their parameters' names behind `prefix`, which ends in a dot.
EagerLayer ReluConvNorm(EagerParameters& parameters, const std::string& prefix, int64_t in,
                        int64_t out, bool affine);
EagerLayer FactorizedReduction(EagerParameters& parameters, const std::string& prefix, int64_t in,
                               int64_t out, bool affine);
// A candidate by its name in DARTS ("sep_conv_3x3"); pools without the norm that follows them in a
// mixed edge. Unknown names are a broken invariant.
EagerLayer Candidate(EagerParameters& parameters, const std::string& prefix,
                     const std::string& name, int64_t channels, int stride, bool affine);
// The preprocessing in front of a cell's two inputs.
EagerLayer Preprocess(EagerParameters& parameters, const std::string& prefix, int64_t in,
                      int64_t out, bool reduce, bool affine);

// Mean over rows and columns: N × C.
at::Tensor GlobalPool(const at::Tensor& x);

}  // namespace ssnas

#endif  // BENCH_PEERS_EAGER_LAYERS_H_
