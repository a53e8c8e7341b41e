#include "bench/loss_curves.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <numeric>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bench/batches.h"
#include "ssnas/core/philox.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/core/thread_pool.h"
#include "ssnas/datasets/subset.h"
#include "ssnas/engine/make_engine.h"
#include "ssnas/engine/reference/reference_engine.h"
#include "ssnas/networks/darts_space.h"
#include "ssnas/networks/network.h"
#include "ssnas/objectives/objective.h"
#include "ssnas/training/batch_source.h"
#include "ssnas/training/data_source.h"
#include "ssnas/training/model.h"
#include "ssnas/training/optimizer.h"
#include "ssnas/training/search_step.h"

namespace ssnas {
namespace {

constexpr uint64_t kSeed = 1;
constexpr double kStartSpread = 1e-3;  // of the alphas, as DARTS begins
constexpr int kStepsPerEpoch = 40;     // of the learning rate's schedule

// A batch that outlives its source.
struct KeptBatch {
  Shape4 shape;
  std::vector<float> images;
  std::vector<int32_t> labels;

  TrainingBatch view() const { return {.images = {images.data(), shape}, .labels = labels}; }
};

// Alpha half and weight half of every step, in turn.
absl::StatusOr<std::vector<KeptBatch>> Batches(const ExperimentSpec& spec, int steps) {
  SSNAS_ASSIGN_OR_RETURN(const auto data, DataSource::Create(spec.dataset(), {.seed = kSeed}));
  SSNAS_ASSIGN_OR_RETURN(const ImageSet* images, data->Images(Split::kTrain));
  SSNAS_ASSIGN_OR_RETURN(const auto objective, CreatePlugin<Objective>(spec.objective()));
  std::vector<int64_t> all(images->size());
  std::iota(all.begin(), all.end(), 0);
  auto [alpha, weight] = Halves(all, kSeed);
  BatchSourceOptions options{.batch = spec.search().batch(), .seed = kSeed};
  options.order = Purpose::kBatchOrderAlphas;
  SSNAS_ASSIGN_OR_RETURN(
      const auto alpha_half,
      BatchSource::Create(*data, spec.augmentation(), *objective, std::move(alpha), options));
  options.order = Purpose::kBatchOrderWeights;
  SSNAS_ASSIGN_OR_RETURN(
      const auto weight_half,
      BatchSource::Create(*data, spec.augmentation(), *objective, std::move(weight), options));
  alpha_half->StartEpoch(0, 0);
  weight_half->StartEpoch(0, 0);
  std::vector<KeptBatch> batches;
  for (int i = 0; i < 2 * steps; ++i) {
    SSNAS_ASSIGN_OR_RETURN(const TrainingBatch batch,
                           (i % 2 == 0 ? alpha_half : weight_half)->Next());
    const float* first = batch.images.data;
    batches.push_back({.shape = batch.images.shape,
                       .images = {first, first + batch.images.shape.count()},
                       .labels = {batch.labels.begin(), batch.labels.end()}});
  }
  return batches;
}

double RateOf(const SearchSpec& search, int step, int steps) {
  const int epochs = (steps + kStepsPerEpoch - 1) / kStepsPerEpoch;
  return LearningRate(search.weights(), step / kStepsPerEpoch, step % kStepsPerEpoch,
                      kStepsPerEpoch, epochs);
}

absl::StatusOr<NetworkPlan> Plan(const SearchSpec& search) {
  return PlanSupernet(DartsSpace(), search.cells(), search.channels(), 3);
}

// The project's own step. `nudge`: 0, or the key of a rounding that each weight begins with.
absl::StatusOr<std::vector<double>> FloatCurve(const ExperimentSpec& spec,
                                               const std::vector<KeptBatch>& batches,
                                               Engine<float>& engine, uint64_t nudge) {
  SSNAS_ASSIGN_OR_RETURN(NetworkPlan plan, Plan(spec.search()));
  SSNAS_ASSIGN_OR_RETURN(const auto model, Model::Create(std::move(plan), engine, spec.objective(),
                                                         kBenchClasses, kSeed, SerialFor));
  Philox random({.seed = nudge, .purpose = Purpose::kTest});
  for (float& weight : model->weights()) {
    if (nudge == 0 || weight == 0) continue;
    const float toward = random.Bernoulli(0.5) ? 1.0F : -1.0F;
    weight = std::nextafter(weight, toward * std::numeric_limits<float>::infinity());
  }
  SearchState state{.alphas = RandomAlphas(kStartSpread, kSeed)};
  state.adam_m.resize(state.alphas.size());
  state.adam_v.resize(state.alphas.size());
  state.velocity.resize(model->weights().size());
  const int steps = static_cast<int>(batches.size() / 2);
  std::vector<double> losses;
  for (int step = 0; step < steps; ++step) {
    SSNAS_ASSIGN_OR_RETURN(
        const SearchStepResult result,
        SearchStep(spec.search(), RateOf(spec.search(), step, steps), batches[2 * step].view(),
                   batches[2 * step + 1].view(), *model, state));
    losses.insert(losses.end(), {result.alpha.loss, result.weight.loss});
  }
  return losses;
}

// The same search in float64 throughout: SearchStep restated.
class ExactSearch {
 public:
  explicit ExactSearch(const ExperimentSpec& spec) : spec_(spec) {}

  absl::Status Build() {
    engine_ = MakeReferenceEngine<double>();
    SSNAS_ASSIGN_OR_RETURN(NetworkPlan plan, Plan(spec_.search()));
    SSNAS_ASSIGN_OR_RETURN(network_, Network<double>::Create(std::move(plan), *engine_));
    SSNAS_ASSIGN_OR_RETURN(objective_, CreatePlugin<Objective>(spec_.objective()));
    context_ = {.representation_size = network_->representation_size(),
                .num_classes = kBenchClasses};
    SSNAS_ASSIGN_OR_RETURN(const auto head, objective_->Parameters(context_));
    ParameterLayout layout = network_->weights();
    for (const ParameterSpec& parameter : head) layout.Add(parameter);
    const std::vector<float> initial = InitialValues<float>(layout, kSeed);
    weights_.assign(initial.begin(), initial.end());
    velocity_.resize(weights_.size());
    const std::vector<float> alphas = RandomAlphas(kStartSpread, kSeed);
    alphas_.assign(alphas.begin(), alphas.end());
    m_.resize(alphas_.size());
    v_.resize(alphas_.size());
    return absl::OkStatus();
  }

  // Adam; `step` counts from 1.
  absl::StatusOr<double> AlphaStep(const KeptBatch& batch, int step) {
    std::vector<double> gradient(alphas_.size());
    SSNAS_ASSIGN_OR_RETURN(const double loss, Pass(batch, nullptr, gradient.data()));
    const AdamSpec& adam = spec_.search().alphas();
    for (size_t i = 0; i < alphas_.size(); ++i) {
      const double g = gradient[i] + adam.weight_decay() * alphas_[i];
      m_[i] = adam.beta1() * m_[i] + (1 - adam.beta1()) * g;
      v_[i] = adam.beta2() * v_[i] + (1 - adam.beta2()) * g * g;
      const double m = m_[i] / (1 - std::pow(adam.beta1(), step));
      const double v = v_[i] / (1 - std::pow(adam.beta2(), step));
      alphas_[i] -= adam.learning_rate() * m / (std::sqrt(v) + adam.epsilon());
    }
    return loss;
  }

  // SGD with momentum, clipped.
  absl::StatusOr<double> WeightStep(const KeptBatch& batch, double rate) {
    std::vector<double> gradient(weights_.size());
    SSNAS_ASSIGN_OR_RETURN(const double loss, Pass(batch, gradient.data(), nullptr));
    const SgdSpec& sgd = spec_.search().weights();
    const double norm =
        std::sqrt(std::inner_product(gradient.begin(), gradient.end(), gradient.begin(), 0.0));
    const double scale = ClipScale(sgd.clip_norm(), norm);
    for (size_t i = 0; i < weights_.size(); ++i) {
      velocity_[i] =
          sgd.momentum() * velocity_[i] + scale * gradient[i] + sgd.weight_decay() * weights_[i];
      weights_[i] -= rate * velocity_[i];
    }
    return loss;
  }

 private:
  absl::StatusOr<double> Pass(const KeptBatch& batch, double* weight_gradients,
                              double* alpha_gradients) {
    const std::vector<double> images(batch.images.begin(), batch.images.end());
    const unsigned wanted = weight_gradients != nullptr ? kWeightGradients : kAlphaGradients;
    NetworkOutputs<double> outputs;
    SSNAS_RETURN_IF_ERROR(network_->Forward(
        {images.data(), batch.shape},
        {.weights = weights_.data(), .alphas = alphas_.data(), .gradients = wanted}, &outputs));
    std::vector<double> h(outputs.representation.size());
    const int64_t head = network_->weights().size();
    SSNAS_ASSIGN_OR_RETURN(
        const LossValue value,
        objective_->Evaluate(
            context_, ObjectiveArgs<double>{
                          .rows = batch.shape.n,
                          .representation = outputs.representation.data(),
                          .labels = batch.labels,
                          .weights = weights_.data() + head,
                          .weight_gradients = weight_gradients ? weight_gradients + head : nullptr,
                          .representation_gradients = h.data()}));
    SSNAS_RETURN_IF_ERROR(network_->Backward({.representation = h.data(),
                                              .gradients = wanted,
                                              .weight_gradients = weight_gradients,
                                              .alpha_gradients = alpha_gradients}));
    return value.loss;
  }

  const ExperimentSpec& spec_;
  std::unique_ptr<Engine<double>> engine_;
  std::unique_ptr<Network<double>> network_;
  std::unique_ptr<Objective> objective_;
  ObjectiveContext context_;
  std::vector<double> weights_, velocity_, alphas_, m_, v_;
};

absl::StatusOr<std::vector<double>> ExactCurve(const ExperimentSpec& spec,
                                               const std::vector<KeptBatch>& batches) {
  ExactSearch search(spec);
  SSNAS_RETURN_IF_ERROR(search.Build());
  const int steps = static_cast<int>(batches.size() / 2);
  std::vector<double> losses;
  for (int step = 0; step < steps; ++step) {
    SSNAS_ASSIGN_OR_RETURN(const double alpha, search.AlphaStep(batches[2 * step], step + 1));
    SSNAS_ASSIGN_OR_RETURN(
        const double weight,
        search.WeightStep(batches[2 * step + 1], RateOf(spec.search(), step, steps)));
    losses.insert(losses.end(), {alpha, weight});
  }
  return losses;
}

double Distance(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return std::sqrt(sum / static_cast<double>(a.size()));
}

}  // namespace

absl::StatusOr<LossCurves> MeasureLossCurves(const ExperimentSpec& spec,
                                             const LossCurveOptions& options) {
  if (options.steps < 1) return absl::InvalidArgumentError("a curve of no step");
  const auto begins = [&](const std::string& name) {
    if (options.begins) options.begins(name);
  };
  SSNAS_ASSIGN_OR_RETURN(const std::vector<KeptBatch> batches, Batches(spec, options.steps));
  ThreadPool threads(options.threads);
  LossCurves curves;
  begins(options.engine);
  SSNAS_ASSIGN_OR_RETURN(const auto engine, MakeEngine(options.engine, {.threads = &threads}));
  SSNAS_ASSIGN_OR_RETURN(curves.engine_losses, FloatCurve(spec, batches, *engine, 0));
  SetReferenceThreads(options.threads);
  begins("float64");
  SSNAS_ASSIGN_OR_RETURN(curves.exact_losses, ExactCurve(spec, batches));
  curves.engine = Distance(curves.engine_losses, curves.exact_losses);
  const auto eager = MakeReferenceEngine<float>();
  for (int run = 1; run <= options.eager_runs; ++run) {
    begins(absl::StrCat("eager float32, run ", run));
    SSNAS_ASSIGN_OR_RETURN(const std::vector<double> losses,
                           FloatCurve(spec, batches, *eager, static_cast<uint64_t>(run)));
    curves.eager.push_back(Distance(losses, curves.exact_losses));
    curves.eager_losses.push_back(losses);
  }
  return curves;
}

}  // namespace ssnas
