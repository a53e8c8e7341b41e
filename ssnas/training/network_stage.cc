#include "ssnas/training/network_stage.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/file.h"
#include "ssnas/core/safetensors.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/datasets/subset.h"
#include "ssnas/networks/network_plan.h"
#include "ssnas/training/batch_source.h"
#include "ssnas/training/image_pass.h"
#include "ssnas/training/loss_title.h"
#include "ssnas/training/memory.h"
#include "ssnas/training/network_trainee.h"
#include "ssnas/training/sheets/neighbor_sheet.h"
#include "ssnas/training/step_loop.h"

namespace ssnas {
namespace {

using Json = nlohmann::ordered_json;
using Plugins = google::protobuf::RepeatedPtrField<PluginSpec>;

// What pretraining and supervised training say alike.
struct TrainingSetup {
  std::string field;  // section of the spec, named in errors
  NetworkTraining training;
  PluginSpec objective;
  Plugins augmentation;
  int64_t batch = 0;
  int64_t steps_per_epoch = 0;  // 0: all
  int64_t images = 0;           // 0: all
  int64_t validation_images = 0;
  int64_t checkpoint_steps = 0;
};

TrainingSetup PretrainSetup(const ExperimentSpec& spec) {
  const PretrainSpec& pretrain = spec.pretrain();
  return {.field = "pretrain",
          .training = {.network = pretrain.network(),
                       .sgd = pretrain.sgd(),
                       .epochs = pretrain.epochs()},
          .objective = spec.objective(),
          .augmentation = spec.augmentation(),
          .batch = pretrain.batch(),
          .steps_per_epoch = pretrain.steps_per_epoch(),
          .images = pretrain.images(),
          .validation_images = pretrain.validation_images(),
          .checkpoint_steps = pretrain.checkpoint_steps()};
}

TrainingSetup EvaluateSetup(const ExperimentSpec& spec) {
  const EvaluateSpec& evaluate = spec.evaluate();
  TrainingSetup setup{.field = "evaluate",
                      .training = {.network = evaluate.network(),
                                   .sgd = evaluate.sgd(),
                                   .epochs = evaluate.epochs()},
                      .objective = evaluate.objective(),
                      .augmentation = evaluate.augmentation(),
                      .batch = evaluate.batch(),
                      .steps_per_epoch = evaluate.steps_per_epoch(),
                      .images = evaluate.images(),
                      .checkpoint_steps = evaluate.checkpoint_steps()};
  if (!setup.objective.has_name()) setup.objective.set_name("cross_entropy");
  return setup;
}

absl::StatusOr<NetworkPlan> MakePlan(const RunContext& context, const TrainingSetup& setup,
                                     const Architecture& architecture) {
  SSNAS_ASSIGN_OR_RETURN(const int image_size, ViewSize(setup.augmentation, *context.data));
  const NetworkSpec& network = setup.training.network;
  return PlanDerived(architecture, {.cells = network.cells(),
                                    .channels = network.channels(),
                                    .image_size = image_size,
                                    .image_channels = 3,
                                    .stem = network.stem(),
                                    .auxiliary = network.auxiliary() > 0});
}

absl::StatusOr<std::unique_ptr<Model>> MakeModel(const RunContext& context,
                                                 const TrainingSetup& setup,
                                                 const Architecture& architecture) {
  SSNAS_ASSIGN_OR_RETURN(NetworkPlan plan, MakePlan(context, setup, architecture));
  return Model::Create(std::move(plan), *context.engine, setup.objective,
                       context.data->info().num_classes, context.spec->seed(),
                       context.parallel_for);
}

// Drawn without labels.
absl::StatusOr<DrawnImages> DrawImages(const TrainingSetup& setup, int64_t size, uint64_t seed) {
  const int64_t held_out = setup.validation_images;
  const int64_t wanted = (setup.images == 0 ? size - held_out : setup.images) + held_out;
  if (wanted > size || held_out >= wanted) {
    return InArea(
        ErrorArea::kUser,
        absl::InvalidArgumentError(absl::StrFormat(
            "%s wants %d training images and %d held-out ones, but there are only %d. Lower "
            "%s.images or %s.validation_images.",
            setup.field, wanted - held_out, held_out, size, setup.field, setup.field)));
  }
  DrawnImages drawn{.train = RandomSubset(size, wanted, seed, Purpose::kSubset)};
  drawn.held_out.assign(drawn.train.end() - held_out, drawn.train.end());
  drawn.train.resize(drawn.train.size() - held_out);
  return drawn;
}

// Steps of an epoch and of a validation, which these images must be enough for.
absl::Status SetSteps(const DrawnImages& drawn, TrainingSetup* setup) {
  NetworkTraining& training = setup->training;
  SSNAS_ASSIGN_OR_RETURN(training.steps_per_epoch,
                         StepsPerEpoch(static_cast<int64_t>(drawn.train.size()), setup->batch,
                                       setup->steps_per_epoch, setup->field));
  if (drawn.held_out.empty()) return absl::OkStatus();
  SSNAS_ASSIGN_OR_RETURN(training.validation_steps,
                         StepsPerEpoch(setup->validation_images, setup->batch, 0, setup->field));
  return absl::OkStatus();
}

// What training will need, in words; refused when it cannot fit.
absl::StatusOr<std::string> PreflightModel(const RunContext& context, const TrainingSetup& setup,
                                           const Model& model) {
  SSNAS_ASSIGN_OR_RETURN(const int image_size, ViewSize(setup.augmentation, *context.data));
  return PreflightMemory(context, setup.field, model,
                         {model.objective().Views() * setup.batch, image_size, image_size, 3},
                         setup.batch);
}

absl::Status PreflightSetup(const RunContext& context, TrainingSetup setup,
                            const Architecture& architecture) {
  SSNAS_ASSIGN_OR_RETURN(const ImageSet* images, context.data->Images(Split::kTrain));
  SSNAS_ASSIGN_OR_RETURN(const DrawnImages drawn,
                         DrawImages(setup, images->size(), context.spec->seed()));
  SSNAS_RETURN_IF_ERROR(SetSteps(drawn, &setup));
  SSNAS_ASSIGN_OR_RETURN(const auto model, MakeModel(context, setup, architecture));
  return PreflightModel(context, setup, *model).status();
}

absl::StatusOr<std::unique_ptr<NetworkTrainee>> MakeTrainee(const RunContext& context,
                                                            TrainingSetup& setup,
                                                            const Architecture& architecture) {
  const uint64_t seed = context.spec->seed();
  SSNAS_ASSIGN_OR_RETURN(const ImageSet* images, context.data->Images(Split::kTrain));
  SSNAS_ASSIGN_OR_RETURN(DrawnImages drawn, DrawImages(setup, images->size(), seed));
  SSNAS_ASSIGN_OR_RETURN(std::unique_ptr<Model> model, MakeModel(context, setup, architecture));
  SSNAS_ASSIGN_OR_RETURN(const std::string memory, PreflightModel(context, setup, *model));
  std::fprintf(context.progress.out, "  memory %s\n", memory.c_str());
  SSNAS_RETURN_IF_ERROR(SetSteps(drawn, &setup));
  NetworkTraining& training = setup.training;
  training.seed = seed;
  training.loss_title = LossTitle(setup.objective.name());
  setup.images = static_cast<int64_t>(drawn.train.size());
  BatchSourceOptions options{.batch = setup.batch,
                             .seed = seed,
                             .workers = context.spec->runtime().loader_threads(),
                             .order = Purpose::kBatchOrder};
  std::unique_ptr<BatchSource> validation;
  if (!drawn.held_out.empty()) {
    options.order = Purpose::kValidationSubset;
    SSNAS_ASSIGN_OR_RETURN(
        validation, BatchSource::Create(*context.data, setup.augmentation, model->objective(),
                                        std::move(drawn.held_out), options));
    options.order = Purpose::kBatchOrder;
  }
  SSNAS_ASSIGN_OR_RETURN(auto train,
                         BatchSource::Create(*context.data, setup.augmentation, model->objective(),
                                             std::move(drawn.train), options));
  return std::make_unique<NetworkTrainee>(training, std::move(model), std::move(train),
                                          std::move(validation));
}

// Trains, writes the stage's tensors and says what both kinds of training have in their result.
absl::StatusOr<Json> Train(const RunContext& context, const StageInfo& stage,
                           const TrainingSetup& setup, NetworkTrainee& trainee) {
  const NetworkTraining& training = setup.training;
  SSNAS_RETURN_IF_ERROR(RunLoop(context, stage,
                                {.epochs = training.epochs,
                                 .steps_per_epoch = training.steps_per_epoch,
                                 .checkpoint_steps = setup.checkpoint_steps,
                                 .images_per_step = setup.batch},
                                trainee));
  SSNAS_ASSIGN_OR_RETURN(const std::string folder, context.folder->StageFolder(stage.name));
  SSNAS_RETURN_IF_ERROR(
      WriteSafetensors(JoinPath(folder, "model.safetensors"), trainee.model().ToTensors()));
  SSNAS_RETURN_IF_ERROR(
      WriteSafetensors(JoinPath(folder, "final.safetensors"), trainee.FinalTensors()));
  Json result = trainee.Summary();
  const bool labels = trainee.model().objective().UsesLabels();
  result["steps"] = training.epochs * training.steps_per_epoch;
  result["images"] = setup.images;
  result["labels_used"] = labels ? setup.images : 0;
  return result;
}

// Accuracy on test images with evaluation-mode norms, after the last epoch only.
absl::Status Test(const RunContext& context, Model& model, Json* result) {
  const EvaluateSpec& evaluate = context.spec->evaluate();
  SSNAS_ASSIGN_OR_RETURN(const ImageSet* images, context.data->Images(Split::kTest));
  SSNAS_ASSIGN_OR_RETURN(const std::vector<int32_t>* labels, context.data->Labels(Split::kTest));
  ImagePass pass{.images = images,
                 .augmentation = &evaluate.test_augmentation(),
                 .batch = evaluate.batch(),
                 .seed = context.spec->seed(),
                 .workers = context.spec->runtime().loader_threads()};
  if (evaluate.test_images() > 0 && evaluate.test_images() < images->size()) {
    pass.indices = RandomSubset(images->size(), evaluate.test_images(), context.spec->seed(),
                                Purpose::kValidationSubset);
  }
  double right = 0;
  int64_t count = 0;
  SSNAS_RETURN_IF_ERROR(ForEachBatch(
      pass, [&](View4<const float> batch, const std::vector<int64_t>& indices) -> absl::Status {
        std::vector<int32_t> batch_labels;
        for (const int64_t index : indices) batch_labels.push_back((*labels)[index]);
        SSNAS_ASSIGN_OR_RETURN(
            const LossValue value,
            model.Pass({.images = batch, .labels = batch_labels, .norm = NormMode::kRunning}));
        right += value.accuracy * static_cast<double>(indices.size());
        count += static_cast<int64_t>(indices.size());
        return absl::OkStatus();
      }));
  (*result)["test_accuracy"] = right / static_cast<double>(count);
  (*result)["test_images"] = count;
  return absl::OkStatus();
}

}  // namespace

absl::Status PreflightPretraining(const RunContext& context, const Architecture& architecture) {
  return PreflightSetup(context, PretrainSetup(*context.spec), architecture);
}

absl::Status PreflightEvaluation(const RunContext& context, const Architecture& architecture) {
  return PreflightSetup(context, EvaluateSetup(*context.spec), architecture);
}

absl::StatusOr<std::unique_ptr<Model>> MakePretrainModel(const RunContext& context,
                                                         const Architecture& architecture) {
  return MakeModel(context, PretrainSetup(*context.spec), architecture);
}

absl::StatusOr<TimedTrainee> MakePretrainTrainee(const RunContext& context,
                                                 const Architecture& architecture) {
  TrainingSetup setup = PretrainSetup(*context.spec);
  SSNAS_ASSIGN_OR_RETURN(auto trainee, MakeTrainee(context, setup, architecture));
  return TimedTrainee{std::move(trainee), setup.training.steps_per_epoch};
}

absl::StatusOr<std::unique_ptr<Model>> MakeEvaluateModel(const RunContext& context,
                                                         const Architecture& architecture) {
  return MakeModel(context, EvaluateSetup(*context.spec), architecture);
}

absl::StatusOr<NetworkWork> DerivedNetworkWork(const RunContext& context,
                                               const Architecture& architecture) {
  const TrainingSetup setup =
      context.spec->has_pretrain() ? PretrainSetup(*context.spec) : EvaluateSetup(*context.spec);
  SSNAS_ASSIGN_OR_RETURN(const int image_size, ViewSize(setup.augmentation, *context.data));
  SSNAS_ASSIGN_OR_RETURN(const NetworkPlan plan, MakePlan(context, setup, architecture));
  return CountWork(plan, image_size, 3, context.data->info().num_classes);
}

absl::StatusOr<Json> RunPretrainStage(const RunContext& context, const StageInfo& stage,
                                      const Architecture& architecture) {
  TrainingSetup setup = PretrainSetup(*context.spec);
  SSNAS_ASSIGN_OR_RETURN(const auto trainee, MakeTrainee(context, setup, architecture));
  SSNAS_ASSIGN_OR_RETURN(Json result, Train(context, stage, setup, *trainee));
  SSNAS_ASSIGN_OR_RETURN(const ImageSet* images, context.data->Images(Split::kTrain));
  SSNAS_ASSIGN_OR_RETURN(const DrawnImages drawn,
                         DrawImages(setup, images->size(), context.spec->seed()));
  SSNAS_ASSIGN_OR_RETURN(const std::string folder, context.folder->StageFolder(stage.name));
  SSNAS_RETURN_IF_ERROR(WriteNeighborSheet(context, JoinPath(folder, "neighbors.json"), drawn,
                                           setup.batch, trainee->model()));
  return result;
}

absl::StatusOr<Json> RunEvaluateStage(const RunContext& context, const StageInfo& stage,
                                      const Architecture& architecture) {
  TrainingSetup setup = EvaluateSetup(*context.spec);
  SSNAS_ASSIGN_OR_RETURN(const auto trainee, MakeTrainee(context, setup, architecture));
  SSNAS_ASSIGN_OR_RETURN(Json result, Train(context, stage, setup, *trainee));
  SSNAS_RETURN_IF_ERROR(Test(context, trainee->model(), &result));
  return result;
}

}  // namespace ssnas
