#include "ssnas/training/search_step.h"

#include <utility>

#include "absl/cleanup/cleanup.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/search/unrolled_gradient.h"
#include "ssnas/training/bad_step.h"
#include "ssnas/training/optimizer.h"

namespace ssnas {
namespace {

absl::StatusOr<LossValue> Gradients(const TrainingBatch& half, Model& model,
                                    const SearchState& state, float* weight_gradient,
                                    float* alpha_gradient) {
  return model.Pass({.images = half.images,
                     .labels = half.labels,
                     .alphas = state.alphas.data(),
                     .weight_gradients = weight_gradient,
                     .alpha_gradients = alpha_gradient});
}

// Second order; the loss is the alpha half's at the weights one step ahead.
absl::StatusOr<LossValue> UnrolledPass(const SearchSpec& spec, double learning_rate,
                                       const TrainingBatch& alpha_half,
                                       const TrainingBatch& weight_half, Model& model,
                                       const SearchState& state, absl::Span<float> gradient) {
  LossValue loss;
  const auto gradients_of = [&](const TrainingBatch& half, LossValue* value) {
    return [&, value](float* weights, float* alphas) -> absl::Status {
      SSNAS_ASSIGN_OR_RETURN(const LossValue found, Gradients(half, model, state, weights, alphas));
      if (value != nullptr) *value = found;
      return absl::OkStatus();
    };
  };
  SSNAS_RETURN_IF_ERROR(UnrolledAlphaGradient<float>(
      {.learning_rate = learning_rate,
       .momentum = spec.weights().momentum(),
       .weight_decay = spec.weights().weight_decay()},
      gradients_of(weight_half, nullptr), gradients_of(alpha_half, &loss), state.velocity,
      absl::MakeSpan(model.weights()), gradient));
  return loss;
}

}  // namespace

absl::StatusOr<SearchStepResult> SearchStep(const SearchSpec& spec, double learning_rate,
                                            const TrainingBatch& alpha_half,
                                            const TrainingBatch& weight_half, Model& model,
                                            SearchState& state) {
  SearchStepResult result;
  const int64_t step = state.step + 1;

  std::vector<float> gradient(state.alphas.size());
  if (spec.order() == SearchSpec::SECOND) {
    SSNAS_ASSIGN_OR_RETURN(result.alpha, UnrolledPass(spec, learning_rate, alpha_half, weight_half,
                                                      model, state, absl::MakeSpan(gradient)));
  } else {
    SSNAS_ASSIGN_OR_RETURN(result.alpha,
                           Gradients(alpha_half, model, state, nullptr, gradient.data()));
  }
  result.alpha_gradient_norm = GradientNorm(gradient, model.parallel_for());
  SSNAS_RETURN_IF_ERROR(CheckGradientNorm(result.alpha_gradient_norm, "alphas"));
  // Until the weight half has gone well too, none of this counts.
  absl::Cleanup undo = [&state, alphas = state.alphas, m = state.adam_m,
                        v = state.adam_v]() mutable {
    state.alphas = std::move(alphas);
    state.adam_m = std::move(m);
    state.adam_v = std::move(v);
  };
  AdamStep(spec.alphas(), step, gradient, absl::MakeSpan(state.adam_m),
           absl::MakeSpan(state.adam_v), absl::MakeSpan(state.alphas));
  SSNAS_RETURN_IF_ERROR(CheckFinite(state.alphas, "the alphas"));

  gradient.resize(model.weights().size());
  SSNAS_ASSIGN_OR_RETURN(result.weight,
                         Gradients(weight_half, model, state, gradient.data(), nullptr));
  result.weight_gradient_norm = GradientNorm(gradient, model.parallel_for());
  SSNAS_RETURN_IF_ERROR(CheckGradientNorm(result.weight_gradient_norm, "weights"));
  std::move(undo).Cancel();
  SgdStep({.learning_rate = learning_rate,
           .momentum = spec.weights().momentum(),
           .weight_decay = spec.weights().weight_decay(),
           .gradient_scale = ClipScale(spec.weights().clip_norm(), result.weight_gradient_norm)},
          gradient, absl::MakeSpan(state.velocity), absl::MakeSpan(model.weights()),
          model.parallel_for());
  state.step = step;
  return result;
}

}  // namespace ssnas
