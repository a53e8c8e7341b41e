// A derived network in training: the trainee of pretraining and of supervised training.
#ifndef SSNAS_TRAINING_NETWORK_TRAINEE_H_
#define SSNAS_TRAINING_NETWORK_TRAINEE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "nlohmann/json.hpp"
#include "ssnas/core/safetensors.h"
#include "ssnas/proto/experiment.pb.h"
#include "ssnas/training/batch_source.h"
#include "ssnas/training/model.h"
#include "ssnas/training/step_loop.h"

namespace ssnas {

struct NetworkTraining {
  NetworkSpec network;
  SgdSpec sgd;
  std::string loss_title;  // "NT-Xent"
  int64_t epochs = 1;
  int64_t steps_per_epoch = 1;
  int64_t validation_steps = 0;  // batches of the held-out images
  uint64_t seed = 0;
};

class NetworkTrainee : public Trainee {
 public:
  // `validation` may be null.
  NetworkTrainee(NetworkTraining training, std::unique_ptr<Model> model,
                 std::unique_ptr<BatchSource> train, std::unique_ptr<BatchSource> validation);

  Checkpoint Snapshot() const override;
  absl::Status Restore(const Checkpoint& checkpoint) override;
  absl::Status StartEpoch(int64_t epoch, int64_t first_step) override;
  absl::StatusOr<nlohmann::ordered_json> Step(int64_t epoch, int64_t step_in_epoch) override;
  absl::StatusOr<nlohmann::ordered_json> EndEpoch(int64_t epoch) override;
  std::string Facts() const override;
  double SecondsWaited() const override;

  Model& model() { return *model_; }
  // Means over the last whole epoch, and the held-out images' loss after it.
  nlohmann::ordered_json Summary() const;
  // The model's tensors and the optimiser's moments.
  TensorFile FinalTensors() const;

 private:
  // Sums over the epoch under way.
  enum Sum { kLoss, kAccuracy, kSteps, kSums };
  // Means of the last epoch.
  enum Mean { kMeanLoss, kMeanAccuracy, kValidationLoss, kValidationAccuracy, kMeans };

  // Loss on the held-out images with identical pairs and evaluation-mode norms at every call.
  absl::Status Validate();

  const NetworkTraining training_;
  const std::unique_ptr<Model> model_;
  const std::unique_ptr<BatchSource> train_;
  const std::unique_ptr<BatchSource> validation_;
  std::vector<float> velocity_;
  std::vector<double> sums_ = std::vector<double>(kSums, 0.0);
  std::vector<double> means_ = std::vector<double>(kMeans, 0.0);
  LossValue last_;
};

}  // namespace ssnas

#endif  // SSNAS_TRAINING_NETWORK_TRAINEE_H_
