// A network with its objective's head: one flat buffer of weights, one pass forward and back.
#ifndef SSNAS_TRAINING_MODEL_H_
#define SSNAS_TRAINING_MODEL_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "ssnas/core/parallel_for.h"
#include "ssnas/core/parameters.h"
#include "ssnas/core/safetensors.h"
#include "ssnas/core/tensor.h"
#include "ssnas/engine/block.h"
#include "ssnas/networks/network.h"
#include "ssnas/objectives/objective.h"
#include "ssnas/proto/plugin.pb.h"

namespace ssnas {

struct PassArgs {
  View4<const float> images;         // rows = views × images, view-major
  absl::Span<const int32_t> labels;  // empty unless the objective reads them
  const float* alphas = nullptr;     // logits, normal then reduction; null for derived networks
  NormMode norm = NormMode::kBatch;
  double drop_path = 0;
  double auxiliary_weight = 0;
  uint64_t seed = 0;
  uint64_t step = 0;
  float* weight_gradients = nullptr;  // overwritten; layout of weights(); null: not wanted
  float* alpha_gradients = nullptr;   // overwritten; null: not wanted
};

class Model {
 public:
  // Weights start at the values that (seed, name) give; running statistics at mean 0, variance 1.
  // `parallel_for` serves the objective and whoever updates the weights.
  static absl::StatusOr<std::unique_ptr<Model>> Create(NetworkPlan plan, Engine<float>& engine,
                                                       const PluginSpec& objective, int num_classes,
                                                       uint64_t seed, ParallelFor parallel_for);

  // Loss and the gradients that are wanted. A bad step (bad_step.h) when the loss is not finite, or
  // gradients are wanted of a collapsed representation; running statistics may have moved then.
  absl::StatusOr<LossValue> Pass(const PassArgs& args);
  // Moves the running statistics towards those of these images; no gradients (for networks never
  // trained).
  absl::Status UpdateRunningStatistics(View4<const float> images);
  // h of the images with running statistics, rows × representation_size; no head, no gradients.
  absl::Status Represent(View4<const float> images, std::vector<float>* representation);

  const Network<float>& network() const { return *network_; }
  const Objective& objective() const { return *objective_; }
  const ParallelFor& parallel_for() const { return parallel_for_; }
  // Of the network, then of the objective's head.
  const ParameterLayout& layout() const { return layout_; }
  std::vector<float>& weights() { return weights_; }
  const std::vector<float>& weights() const { return weights_; }
  std::vector<float>& running_statistics() { return running_statistics_; }
  const std::vector<float>& running_statistics() const { return running_statistics_; }

  // Every tensor by name: weights (with the head) and, for derived networks, running statistics.
  TensorFile ToTensors() const;
  // NotFound or InvalidArgument naming the first tensor that is missing or of another size.
  absl::Status FromTensors(const TensorFile& tensors);

 private:
  Model() = default;

  std::unique_ptr<Network<float>> network_;
  std::unique_ptr<Objective> objective_;
  ObjectiveContext objective_context_;
  ParallelFor parallel_for_;
  ParameterLayout layout_;
  std::vector<float> weights_;
  std::vector<float> running_statistics_;
  NetworkOutputs<float> outputs_;                // kept between passes to spare allocations
  std::vector<float> representation_gradients_;  // the same
  std::vector<float> auxiliary_gradients_;       // the same
};

}  // namespace ssnas

#endif  // SSNAS_TRAINING_MODEL_H_
