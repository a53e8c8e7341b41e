#include "ssnas/training/search_stage.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "ssnas/core/file.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/datasets/loader.h"
#include "ssnas/datasets/subset.h"
#include "ssnas/networks/genotype.h"
#include "ssnas/networks/network_plan.h"
#include "ssnas/search/derive.h"
#include "ssnas/training/batch_source.h"
#include "ssnas/training/loss_title.h"
#include "ssnas/training/memory.h"
#include "ssnas/training/model.h"
#include "ssnas/training/optimizer.h"
#include "ssnas/training/search_step.h"
#include "ssnas/training/state.h"
#include "ssnas/training/step_loop.h"

namespace ssnas {
namespace {

using Json = nlohmann::ordered_json;

// Sums over the epoch under way: loss and accuracy of the alpha half, then of the weight half,
// steps.
enum Sum { kAlphaLoss, kAlphaAccuracy, kWeightLoss, kWeightAccuracy, kSteps, kSums };

class SearchTrainee : public Trainee {
 public:
  SearchTrainee(const ExperimentSpec& spec, std::unique_ptr<Model> model, int64_t steps_per_epoch,
                std::vector<float> alphas, std::unique_ptr<BatchSource> alpha_half,
                std::unique_ptr<BatchSource> weight_half)
      : spec_(spec),
        model_(std::move(model)),
        steps_per_epoch_(steps_per_epoch),
        alpha_half_(std::move(alpha_half)),
        weight_half_(std::move(weight_half)),
        sums_(kSums, 0.0) {
    state_.alphas = std::move(alphas);
    state_.adam_m.assign(state_.alphas.size(), 0);
    state_.adam_v.assign(state_.alphas.size(), 0);
    state_.velocity.assign(model_->weights().size(), 0);
  }

  Checkpoint Snapshot() const override {
    Checkpoint checkpoint;
    PutFloats("alphas", state_.alphas, &checkpoint);
    PutFloats("adam_m", state_.adam_m, &checkpoint);
    PutFloats("adam_v", state_.adam_v, &checkpoint);
    PutFloats("weights", model_->weights(), &checkpoint);
    PutFloats("velocity", state_.velocity, &checkpoint);
    PutDoubles("epoch_sums", sums_, &checkpoint);
    PutDoubles("last_epoch", last_epoch_, &checkpoint);
    return checkpoint;
  }

  absl::Status Restore(const Checkpoint& checkpoint) override {
    SSNAS_RETURN_IF_ERROR(TakeFloats(checkpoint, "alphas", &state_.alphas));
    SSNAS_RETURN_IF_ERROR(TakeFloats(checkpoint, "adam_m", &state_.adam_m));
    SSNAS_RETURN_IF_ERROR(TakeFloats(checkpoint, "adam_v", &state_.adam_v));
    SSNAS_RETURN_IF_ERROR(TakeFloats(checkpoint, "weights", &model_->weights()));
    SSNAS_RETURN_IF_ERROR(TakeFloats(checkpoint, "velocity", &state_.velocity));
    SSNAS_RETURN_IF_ERROR(TakeDoubles(checkpoint, "epoch_sums", &sums_));
    SSNAS_RETURN_IF_ERROR(TakeDoubles(checkpoint, "last_epoch", &last_epoch_));
    state_.step = checkpoint.step;
    return absl::OkStatus();
  }

  absl::Status StartEpoch(int64_t epoch, int64_t first_step) override {
    alpha_half_->StartEpoch(epoch, first_step);
    weight_half_->StartEpoch(epoch, first_step);
    return absl::OkStatus();
  }

  absl::StatusOr<Json> Step(int64_t epoch, int64_t step_in_epoch) override {
    SSNAS_ASSIGN_OR_RETURN(const TrainingBatch alpha, alpha_half_->Next());
    SSNAS_ASSIGN_OR_RETURN(const TrainingBatch weight, weight_half_->Next());
    const SearchSpec& search = spec_.search();
    const double rate =
        LearningRate(search.weights(), epoch, step_in_epoch, steps_per_epoch_, search.epochs());
    state_.step = epoch * steps_per_epoch_ + step_in_epoch;  // some may have been left out
    SSNAS_ASSIGN_OR_RETURN(last_, SearchStep(search, rate, alpha, weight, *model_, state_));
    sums_[kAlphaLoss] += last_.alpha.loss;
    sums_[kAlphaAccuracy] += last_.alpha.accuracy;
    sums_[kWeightLoss] += last_.weight.loss;
    sums_[kWeightAccuracy] += last_.weight.accuracy;
    sums_[kSteps] += 1;
    return Json{{"weight_loss", last_.weight.loss},
                {"alpha_loss", last_.alpha.loss},
                {"weight_accuracy", last_.weight.accuracy},
                {"alpha_accuracy", last_.alpha.accuracy},
                {"learning_rate", rate},
                {"gradient_norm", last_.weight_gradient_norm},
                {"alpha_gradient_norm", last_.alpha_gradient_norm},
                {"alpha_entropy", Entropy()}};
  }

  absl::StatusOr<Json> EndEpoch(int64_t) override {
    if (sums_[kSteps] == 0) return Json();  // all were left out
    SSNAS_ASSIGN_OR_RETURN(const Architecture cell,
                           DeriveArchitecture(spec_.space(), state_.alphas));
    for (int i = 0; i < kSteps; ++i) last_epoch_[i] = sums_[i] / sums_[kSteps];
    std::fill(sums_.begin(), sums_.end(), 0.0);
    Json line = Summary();
    const std::vector<float> mixture = Mixture();
    line["alphas_normal"] = Rows(mixture.data());
    line["alphas_reduction"] = Rows(mixture.data() + mixture.size() / 2);
    const absl::StatusOr<std::string> text = PrintDartsGenotype(cell);
    line["genotype"] = text.ok() ? *text : PrintArchitecture(cell);
    line["skip_connects"] = {CountSkips(cell.normal()), CountSkips(cell.reduction())};
    return line;
  }

  std::string Facts() const override {
    return absl::StrFormat("%s %.3f  α entropy %.3f", LossTitle(spec_.objective().name()),
                           last_.weight.loss, Entropy());
  }

  double SecondsWaited() const override {
    return alpha_half_->seconds_waited() + weight_half_->seconds_waited();
  }

  // Means over the last whole epoch.
  Json Summary() const {
    return {{"alpha_loss_mean", last_epoch_[kAlphaLoss]},
            {"alpha_accuracy_mean", last_epoch_[kAlphaAccuracy]},
            {"weight_loss_mean", last_epoch_[kWeightLoss]},
            {"weight_accuracy_mean", last_epoch_[kWeightAccuracy]}};
  }

  TensorFile FinalTensors() const {
    TensorFile file = model_->ToTensors();
    const auto add = [&](const char* name, const std::vector<float>& values) {
      file.tensors.push_back(
          NamedTensor::FromFloats(name, {static_cast<int64_t>(values.size())}, values.data()));
    };
    add("search.alphas", state_.alphas);
    add("search.adam_m", state_.adam_m);
    add("search.adam_v", state_.adam_v);
    add("search.velocity", state_.velocity);
    return file;
  }

 private:
  int rows() const { return model_->network().plan().mixture_rows; }
  int columns() const { return model_->network().plan().mixture_columns; }

  std::vector<float> Mixture() const {
    return MixtureWeights<float>(state_.alphas.data(), 2 * rows(), columns());
  }

  // Mean over edges of both cell kinds, in nats.
  double Entropy() const {
    double sum = 0;
    for (const float p : Mixture()) sum -= p > 0 ? p * std::log(p) : 0;
    return sum / (2 * rows());
  }

  Json Rows(const float* mixture) const {
    Json matrix = Json::array();
    for (int row = 0; row < rows(); ++row) {
      matrix.push_back(
          std::vector<float>(mixture + row * columns(), mixture + (row + 1) * columns()));
    }
    return matrix;
  }

  static int CountSkips(const CellGenotype& cell) {
    return static_cast<int>(
        std::count_if(cell.edge().begin(), cell.edge().end(),
                      [](const Edge& edge) { return edge.operation().name() == "skip_connect"; }));
  }

  const ExperimentSpec& spec_;
  const std::unique_ptr<Model> model_;
  const int64_t steps_per_epoch_;
  const std::unique_ptr<BatchSource> alpha_half_;
  const std::unique_ptr<BatchSource> weight_half_;
  SearchState state_;
  SearchStepResult last_;
  std::vector<double> sums_;
  std::vector<double> last_epoch_ = std::vector<double>(kSteps, 0.0);
};

// A search before its first step.
struct Search {
  std::unique_ptr<SearchTrainee> trainee;
  int64_t steps_per_epoch = 0;
  int64_t images = 0;
};

// The images of a search, in halves.
struct HalvedImages {
  std::vector<int64_t> alphas, weights;
  int64_t steps_per_epoch = 0;
};

absl::StatusOr<HalvedImages> DrawHalves(const RunContext& context, uint64_t seed) {
  const SearchSpec& search = context.spec->search();
  SSNAS_ASSIGN_OR_RETURN(const ImageSet* images, context.data->Images(Split::kTrain));
  const std::vector<int64_t> subset =
      RandomSubset(images->size(), search.images() == 0 ? images->size() : search.images(), seed,
                   Purpose::kSubset);
  SSNAS_RETURN_IF_ERROR(CheckHalvesFill(static_cast<int64_t>(subset.size()), search.batch()));
  HalvedImages halves;
  std::tie(halves.alphas, halves.weights) = Halves(subset, seed);
  const size_t smaller = std::min(halves.alphas.size(), halves.weights.size());
  SSNAS_ASSIGN_OR_RETURN(halves.steps_per_epoch,
                         StepsPerEpoch(static_cast<int64_t>(smaller), search.batch(),
                                       search.steps_per_epoch(), "search"));
  return halves;
}

// The supernet with the weights of this seed, and what its training will need, in words.
struct Supernet {
  std::unique_ptr<Model> model;
  std::string memory;
};

absl::StatusOr<Supernet> MakeSupernet(const RunContext& context, uint64_t seed) {
  const ExperimentSpec& spec = *context.spec;
  const SearchSpec& search = spec.search();
  SSNAS_ASSIGN_OR_RETURN(NetworkPlan plan,
                         PlanSupernet(spec.space(), search.cells(), search.channels(), 3));
  Supernet supernet;
  SSNAS_ASSIGN_OR_RETURN(
      supernet.model, Model::Create(std::move(plan), *context.engine, spec.objective(),
                                    context.data->info().num_classes, seed, context.parallel_for));
  SSNAS_ASSIGN_OR_RETURN(const int image_size, ViewSize(spec.augmentation(), *context.data));
  const int64_t rows = supernet.model->objective().Views() * int64_t{search.batch()};
  SSNAS_ASSIGN_OR_RETURN(supernet.memory,
                         PreflightMemory(context, "search", *supernet.model,
                                         {rows, image_size, image_size, 3}, search.batch()));
  return supernet;
}

absl::StatusOr<Search> MakeSearch(const RunContext& context, uint64_t seed) {
  const ExperimentSpec& spec = *context.spec;
  const SearchSpec& search = spec.search();
  SSNAS_ASSIGN_OR_RETURN(HalvedImages halves, DrawHalves(context, seed));
  const auto images = static_cast<int64_t>(halves.alphas.size() + halves.weights.size());
  SSNAS_ASSIGN_OR_RETURN(Supernet supernet, MakeSupernet(context, seed));
  std::fprintf(context.progress.out, "  memory %s\n", supernet.memory.c_str());
  const Objective& objective = supernet.model->objective();
  BatchSourceOptions half{.batch = search.batch(),
                          .seed = seed,
                          .workers = spec.runtime().loader_threads(),
                          .order = Purpose::kBatchOrderAlphas};
  SSNAS_ASSIGN_OR_RETURN(auto alpha_half,
                         BatchSource::Create(*context.data, spec.augmentation(), objective,
                                             std::move(halves.alphas), half));
  half.order = Purpose::kBatchOrderWeights;
  SSNAS_ASSIGN_OR_RETURN(auto weight_half,
                         BatchSource::Create(*context.data, spec.augmentation(), objective,
                                             std::move(halves.weights), half));
  return Search{
      std::make_unique<SearchTrainee>(spec, std::move(supernet.model), halves.steps_per_epoch,
                                      InitialAlphas(spec.space(), seed), std::move(alpha_half),
                                      std::move(weight_half)),
      halves.steps_per_epoch, images};
}

}  // namespace

absl::Status PreflightSearch(const RunContext& context, uint64_t seed) {
  SSNAS_RETURN_IF_ERROR(DrawHalves(context, seed).status());
  return MakeSupernet(context, seed).status();
}

absl::StatusOr<TimedTrainee> MakeSearchTrainee(const RunContext& context, uint64_t seed) {
  SSNAS_ASSIGN_OR_RETURN(Search search, MakeSearch(context, seed));
  return TimedTrainee{std::move(search.trainee), search.steps_per_epoch};
}

absl::StatusOr<Json> RunSearchStage(const RunContext& context, const StageInfo& stage,
                                    uint64_t seed) {
  const SearchSpec& search = context.spec->search();
  const int64_t labels_before = context.data->label_reads();
  SSNAS_ASSIGN_OR_RETURN(const Search made, MakeSearch(context, seed));
  SearchTrainee& trainee = *made.trainee;
  SSNAS_RETURN_IF_ERROR(RunLoop(context, stage,
                                {.epochs = search.epochs(),
                                 .steps_per_epoch = made.steps_per_epoch,
                                 .checkpoint_steps = search.checkpoint_steps(),
                                 .images_per_step = 2 * int64_t{search.batch()}},
                                trainee));
  SSNAS_ASSIGN_OR_RETURN(const std::string folder, context.folder->StageFolder(stage.name));
  SSNAS_RETURN_IF_ERROR(
      WriteSafetensors(JoinPath(folder, "final.safetensors"), trainee.FinalTensors()));
  Json result = trainee.Summary();
  result["seed"] = seed;
  result["steps"] = search.epochs() * made.steps_per_epoch;
  result["images"] = made.images;
  result["labels_read"] = context.data->label_reads() - labels_before;
  return result;
}

}  // namespace ssnas
