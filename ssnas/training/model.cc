#include "ssnas/training/model.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/training/bad_step.h"
#include "ssnas/training/flat_update.h"

namespace ssnas {
namespace {

void AppendTensors(const ParameterLayout& layout, const std::vector<float>& values,
                   TensorFile* file) {
  for (size_t i = 0; i < layout.specs().size(); ++i) {
    const ParameterSpec& spec = layout.specs()[i];
    file->tensors.push_back(NamedTensor::FromFloats(
        spec.name, spec.shape, values.data() + layout.offset(static_cast<int>(i))));
  }
}

absl::Status TakeTensors(const ParameterLayout& layout, const TensorFile& file,
                         std::vector<float>* values) {
  for (size_t i = 0; i < layout.specs().size(); ++i) {
    const ParameterSpec& spec = layout.specs()[i];
    SSNAS_ASSIGN_OR_RETURN(const NamedTensor* tensor, file.Find(spec.name));
    SSNAS_ASSIGN_OR_RETURN(const std::vector<float> floats, tensor->Floats(spec.count()));
    std::copy(floats.begin(), floats.end(), values->begin() + layout.offset(static_cast<int>(i)));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Model>> Model::Create(NetworkPlan plan, Engine<float>& engine,
                                                     const PluginSpec& objective, int num_classes,
                                                     uint64_t seed, ParallelFor parallel_for) {
  auto model = absl::WrapUnique(new Model);
  model->parallel_for_ = std::move(parallel_for);
  SSNAS_ASSIGN_OR_RETURN(model->network_, Network<float>::Create(std::move(plan), engine));
  SSNAS_ASSIGN_OR_RETURN(model->objective_, CreatePlugin<Objective>(objective));
  model->objective_context_ = {.representation_size = model->network_->representation_size(),
                               .auxiliary_size = model->network_->auxiliary_size(),
                               .num_classes = num_classes};
  // An objective that these data do not fit: the spec names both.
  const auto head = model->objective_->Parameters(model->objective_context_);
  if (!head.ok()) return InArea(ErrorArea::kUser, head.status());
  model->layout_ = model->network_->weights();
  for (const ParameterSpec& spec : *head) model->layout_.Add(spec);
  model->weights_ = InitialValues<float>(model->layout_, seed);
  model->running_statistics_ = InitialValues<float>(model->network_->running_statistics(), seed);
  return model;
}

absl::StatusOr<LossValue> Model::Pass(const PassArgs& args) {
  const unsigned gradients = (args.weight_gradients != nullptr ? kWeightGradients : 0u) |
                             (args.alpha_gradients != nullptr ? kAlphaGradients : 0u);
  // A fused ReLU makes 0 of a NaN: what comes in must be looked at before it goes in.
  if (gradients != 0 && !std::isfinite(SumOfSquares(args.images.data, args.images.shape.count()))) {
    return BadStep("an image of the batch has a value that is not finite");
  }
  SSNAS_RETURN_IF_ERROR(network_->Forward(args.images,
                                          {.weights = weights_.data(),
                                           .alphas = args.alphas,
                                           .running_statistics = running_statistics_.data(),
                                           .norm = args.norm,
                                           .gradients = gradients,
                                           .drop_path = args.drop_path,
                                           .seed = args.seed,
                                           .step = args.step},
                                          &outputs_));
  representation_gradients_.assign(gradients ? outputs_.representation.size() : 0, 0);
  auxiliary_gradients_.assign(gradients ? outputs_.auxiliary.size() : 0, 0);
  const int64_t head = network_->weights().size();
  if (args.weight_gradients != nullptr) std::fill_n(args.weight_gradients, layout_.size(), 0.0f);
  const bool auxiliary = !outputs_.auxiliary.empty();
  SSNAS_ASSIGN_OR_RETURN(
      const LossValue value,
      objective_->Evaluate(
          objective_context_,
          ObjectiveArgs<float>{
              .rows = args.images.shape.n,
              .representation = outputs_.representation.data(),
              .auxiliary = auxiliary ? outputs_.auxiliary.data() : nullptr,
              .labels = args.labels,
              .weights = weights_.data() + head,
              .auxiliary_weight = args.auxiliary_weight,
              .weight_gradients = args.weight_gradients ? args.weight_gradients + head : nullptr,
              .representation_gradients = gradients ? representation_gradients_.data() : nullptr,
              .auxiliary_gradients = gradients && auxiliary ? auxiliary_gradients_.data() : nullptr,
              .parallel_for = parallel_for_}));
  SSNAS_RETURN_IF_ERROR(CheckLoss(value));
  if (gradients == 0) return value;
  SSNAS_RETURN_IF_ERROR(CheckSpread(value));
  if (args.alpha_gradients != nullptr) {
    const NetworkPlan& plan = network_->plan();
    std::fill_n(args.alpha_gradients, 2 * plan.mixture_rows * plan.mixture_columns, 0.0f);
  }
  SSNAS_RETURN_IF_ERROR(
      network_->Backward({.representation = representation_gradients_.data(),
                          .auxiliary = auxiliary ? auxiliary_gradients_.data() : nullptr,
                          .gradients = gradients,
                          .weight_gradients = args.weight_gradients,
                          .alpha_gradients = args.alpha_gradients}));
  return value;
}

absl::Status Model::UpdateRunningStatistics(View4<const float> images) {
  return network_->Forward(images,
                           {.weights = weights_.data(),
                            .running_statistics = running_statistics_.data(),
                            .norm = NormMode::kBatchAndUpdate},
                           &outputs_);
}

absl::Status Model::Represent(View4<const float> images, std::vector<float>* representation) {
  SSNAS_RETURN_IF_ERROR(network_->Forward(images,
                                          {.weights = weights_.data(),
                                           .running_statistics = running_statistics_.data(),
                                           .norm = NormMode::kRunning},
                                          &outputs_));
  *representation = outputs_.representation;
  return absl::OkStatus();
}

TensorFile Model::ToTensors() const {
  TensorFile file;
  AppendTensors(layout_, weights_, &file);
  // A supernet's norms always use the batch: its running statistics say nothing.
  if (network_->plan().mixture_rows == 0) {
    AppendTensors(network_->running_statistics(), running_statistics_, &file);
  }
  return file;
}

absl::Status Model::FromTensors(const TensorFile& tensors) {
  SSNAS_RETURN_IF_ERROR(TakeTensors(layout_, tensors, &weights_));
  if (network_->plan().mixture_rows != 0) return absl::OkStatus();
  return TakeTensors(network_->running_statistics(), tensors, &running_statistics_);
}

}  // namespace ssnas
