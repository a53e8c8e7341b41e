#include "ssnas/training/network_trainee.h"

#include <algorithm>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/training/bad_step.h"
#include "ssnas/training/optimizer.h"
#include "ssnas/training/state.h"

namespace ssnas {

using Json = nlohmann::ordered_json;

NetworkTrainee::NetworkTrainee(NetworkTraining training, std::unique_ptr<Model> model,
                               std::unique_ptr<BatchSource> train,
                               std::unique_ptr<BatchSource> validation)
    : training_(std::move(training)),
      model_(std::move(model)),
      train_(std::move(train)),
      validation_(std::move(validation)),
      velocity_(model_->weights().size(), 0.0f) {}

Checkpoint NetworkTrainee::Snapshot() const {
  Checkpoint checkpoint;
  PutFloats("weights", model_->weights(), &checkpoint);
  PutFloats("running_statistics", model_->running_statistics(), &checkpoint);
  PutFloats("velocity", velocity_, &checkpoint);
  PutDoubles("epoch_sums", sums_, &checkpoint);
  PutDoubles("epoch_means", means_, &checkpoint);
  return checkpoint;
}

absl::Status NetworkTrainee::Restore(const Checkpoint& checkpoint) {
  SSNAS_RETURN_IF_ERROR(TakeFloats(checkpoint, "weights", &model_->weights()));
  SSNAS_RETURN_IF_ERROR(
      TakeFloats(checkpoint, "running_statistics", &model_->running_statistics()));
  SSNAS_RETURN_IF_ERROR(TakeFloats(checkpoint, "velocity", &velocity_));
  SSNAS_RETURN_IF_ERROR(TakeDoubles(checkpoint, "epoch_sums", &sums_));
  return TakeDoubles(checkpoint, "epoch_means", &means_);
}

absl::Status NetworkTrainee::StartEpoch(int64_t epoch, int64_t first_step) {
  train_->StartEpoch(epoch, first_step);
  return absl::OkStatus();
}

absl::StatusOr<Json> NetworkTrainee::Step(int64_t epoch, int64_t step_in_epoch) {
  SSNAS_ASSIGN_OR_RETURN(const TrainingBatch batch, train_->Next());
  const double rate = LearningRate(training_.sgd, epoch, step_in_epoch, training_.steps_per_epoch,
                                   training_.epochs);
  const double drop_path = training_.network.drop_path() * static_cast<double>(epoch) /
                           static_cast<double>(training_.epochs);
  std::vector<float> gradient(model_->weights().size());
  const int64_t step = epoch * training_.steps_per_epoch + step_in_epoch + 1;
  // The pass moves them, also where its loss turns out to be of no use.
  absl::Cleanup undo = [this, statistics = model_->running_statistics()]() mutable {
    model_->running_statistics() = std::move(statistics);
  };
  SSNAS_ASSIGN_OR_RETURN(last_, model_->Pass({.images = batch.images,
                                              .labels = batch.labels,
                                              .norm = NormMode::kBatchAndUpdate,
                                              .drop_path = drop_path,
                                              .auxiliary_weight = training_.network.auxiliary(),
                                              .seed = training_.seed,
                                              .step = static_cast<uint64_t>(step),
                                              .weight_gradients = gradient.data()}));
  const double norm = GradientNorm(gradient, model_->parallel_for());
  SSNAS_RETURN_IF_ERROR(CheckGradientNorm(norm, "weights"));
  std::move(undo).Cancel();
  SgdStep({.learning_rate = rate,
           .momentum = training_.sgd.momentum(),
           .weight_decay = training_.sgd.weight_decay(),
           .gradient_scale = ClipScale(training_.sgd.clip_norm(), norm)},
          gradient, absl::MakeSpan(velocity_), absl::MakeSpan(model_->weights()),
          model_->parallel_for());
  sums_[kLoss] += last_.loss;
  sums_[kAccuracy] += last_.accuracy;
  sums_[kSteps] += 1;
  return Json{{"loss", last_.loss},
              {"accuracy", last_.accuracy},
              {"learning_rate", rate},
              {"gradient_norm", norm}};
}

absl::StatusOr<Json> NetworkTrainee::EndEpoch(int64_t epoch) {
  if (sums_[kSteps] == 0) return Json();  // all were left out
  means_[kMeanLoss] = sums_[kLoss] / sums_[kSteps];
  means_[kMeanAccuracy] = sums_[kAccuracy] / sums_[kSteps];
  std::fill(sums_.begin(), sums_.end(), 0.0);
  // Ten times in a long training, and after the last epoch.
  const int64_t every = std::max<int64_t>(1, training_.epochs / 10);
  const bool validate =
      validation_ != nullptr && ((epoch + 1) % every == 0 || epoch + 1 == training_.epochs);
  if (validate) SSNAS_RETURN_IF_ERROR(Validate());
  Json line = {{"loss_mean", means_[kMeanLoss]}, {"accuracy_mean", means_[kMeanAccuracy]}};
  if (validate) {
    line["validation_loss"] = means_[kValidationLoss];
    line["validation_accuracy"] = means_[kValidationAccuracy];
  }
  return line;
}

absl::Status NetworkTrainee::Validate() {
  validation_->StartEpoch(0, 0);
  double loss = 0, accuracy = 0;
  for (int64_t i = 0; i < training_.validation_steps; ++i) {
    SSNAS_ASSIGN_OR_RETURN(const TrainingBatch batch, validation_->Next());
    const absl::StatusOr<LossValue> value =
        model_->Pass({.images = batch.images, .labels = batch.labels, .norm = NormMode::kRunning});
    if (IsBadStep(value.status())) return BadStep("the loss of the held-out images is not finite");
    SSNAS_RETURN_IF_ERROR(value.status());
    loss += value->loss;
    accuracy += value->accuracy;
  }
  means_[kValidationLoss] = loss / static_cast<double>(training_.validation_steps);
  means_[kValidationAccuracy] = accuracy / static_cast<double>(training_.validation_steps);
  return absl::OkStatus();
}

std::string NetworkTrainee::Facts() const {
  return absl::StrFormat("%s %.3f", training_.loss_title, last_.loss);
}

double NetworkTrainee::SecondsWaited() const {
  return train_->seconds_waited() + (validation_ ? validation_->seconds_waited() : 0.0);
}

Json NetworkTrainee::Summary() const {
  Json summary = {{"loss", means_[kMeanLoss]}, {"accuracy", means_[kMeanAccuracy]}};
  if (validation_ != nullptr) {
    summary["validation_loss"] = means_[kValidationLoss];
    summary["validation_accuracy"] = means_[kValidationAccuracy];
  }
  return summary;
}

TensorFile NetworkTrainee::FinalTensors() const {
  TensorFile file = model_->ToTensors();
  file.tensors.push_back(NamedTensor::FromFloats(
      "optimizer.velocity", {static_cast<int64_t>(velocity_.size())}, velocity_.data()));
  return file;
}

}  // namespace ssnas
