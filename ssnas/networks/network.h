// Runs a network plan on an engine: images → representation h, and gradients back.
//
// Holds the activations between blocks; weights, gradients, alphas and running statistics are the
// caller's flat buffers, so that optimisers, checkpoints and finite differences need no access to
// the network.
//
// Example:
//   SSNAS_ASSIGN_OR_RETURN(auto network, Network<float>::Create(plan, engine));
//   SSNAS_RETURN_IF_ERROR(network->Forward(images, args, &outputs));
//   SSNAS_RETURN_IF_ERROR(network->Backward({.representation = gradient.data(), …}));
#ifndef SSNAS_NETWORKS_NETWORK_H_
#define SSNAS_NETWORKS_NETWORK_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ssnas/core/parameters.h"
#include "ssnas/engine/block.h"
#include "ssnas/networks/network_plan.h"

namespace ssnas {

// Softmax of each row of an alphas matrix (rows × columns, row-major).
template <typename T>
std::vector<T> MixtureWeights(const T* alphas, int rows, int columns);

template <typename T>
struct NetworkForward {
  const T* weights = nullptr;
  // Alphas (logits) of normal then reduction cells: 2 × rows × columns; null for derived networks.
  const T* alphas = nullptr;
  T* running_statistics = nullptr;  // null: statistics of the batch, no update kept
  NormMode norm = NormMode::kBatch;
  unsigned gradients = kNoGradients;
  // Drop-path probability and the key of its draws; 0: none.
  double drop_path = 0;
  uint64_t seed = 0;
  uint64_t step = 0;
};

template <typename T>
struct NetworkOutputs {
  std::vector<T> representation;  // rows × representation_size
  std::vector<T> auxiliary;       // rows × auxiliary_size; empty without an auxiliary head
};

template <typename T>
struct NetworkBackward {
  const T* representation = nullptr;  // ∂L/∂h, rows × representation_size
  const T* auxiliary = nullptr;       // null: none
  unsigned gradients = kNoGradients;  // kInputGradients: of the images
  T* weight_gradients = nullptr;      // +=
  T* alpha_gradients = nullptr;       // +=, of the logits (softmax included)
  T* image_gradients = nullptr;       // +=
};

template <typename T>
class Network {
 public:
  // `engine` is used here only. InvalidArgument when the plan's blocks do not fit together.
  static absl::StatusOr<std::unique_ptr<Network<T>>> Create(NetworkPlan plan, Engine<T>& engine);
  virtual ~Network() = default;

  virtual const NetworkPlan& plan() const = 0;
  virtual const ParameterLayout& weights() const = 0;
  virtual const ParameterLayout& running_statistics() const = 0;
  virtual int64_t representation_size() const = 0;
  virtual int64_t auxiliary_size() const = 0;  // 0 without an auxiliary head

  // With NormMode::kRunning or without gradients the auxiliary head does not run. Where gradients
  // are asked for, the images stay as they are until Backward has returned.
  virtual absl::Status Forward(View4<const T> images, const NetworkForward<T>& args,
                               NetworkOutputs<T>* outputs) = 0;
  virtual absl::Status Backward(const NetworkBackward<T>& args) = 0;
};

}  // namespace ssnas

#endif  // SSNAS_NETWORKS_NETWORK_H_
