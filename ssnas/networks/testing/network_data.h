// Data for a network under test, a scalar loss on it and its gradients.
//
//   L = Σ g·h + Σ g'·auxiliary,   with random g and g'
//
// Example:
//   const NetworkData data = RandomNetworkData(*network, {3, 8, 8, 3}, 1);
//   const NetworkGradients gradients = Gradients(*network, data, {}, kWeightGradients).value();
#ifndef SSNAS_NETWORKS_TESTING_NETWORK_DATA_H_
#define SSNAS_NETWORKS_TESTING_NETWORK_DATA_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "ssnas/networks/network.h"

namespace ssnas {

struct NetworkData {
  Shape4 shape;  // of the images
  std::vector<double> images, weights, alphas;
  std::vector<double> representation_gradient, auxiliary_gradient;
};

struct NetworkGradients {
  std::vector<double> images, weights, alphas;
};

// Standard normal draws, of one key.
std::vector<double> NormalValues(int64_t count, uint64_t key);

// Images and gradients standard normal; weights as initialised, norms' moved off 1 and 0; alphas of
// a search that has moved.
NetworkData RandomNetworkData(const Network<double>& network, const Shape4& images, uint64_t seed);

// `args` says how to run (norm, drop-path); weights, alphas and gradients are filled in.
absl::StatusOr<double> Loss(Network<double>& network, const NetworkData& data,
                            NetworkForward<double> args);
// Of those asked for; the others stay 0.
absl::StatusOr<NetworkGradients> Gradients(Network<double>& network, const NetworkData& data,
                                           NetworkForward<double> args, unsigned gradients);

}  // namespace ssnas

#endif  // SSNAS_NETWORKS_TESTING_NETWORK_DATA_H_
