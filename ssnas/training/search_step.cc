#include "ssnas/training/search_step.h"

#include <utility>

#include "absl/cleanup/cleanup.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/training/bad_step.h"
#include "ssnas/training/optimizer.h"

namespace ssnas {

absl::StatusOr<SearchStepResult> SearchStep(const SearchSpec& spec, double learning_rate,
                                            const TrainingBatch& alpha_half,
                                            const TrainingBatch& weight_half, Model& model,
                                            SearchState& state) {
  SearchStepResult result;
  const int64_t step = state.step + 1;

  std::vector<float> gradient(state.alphas.size());
  SSNAS_ASSIGN_OR_RETURN(result.alpha, model.Pass({.images = alpha_half.images,
                                                   .labels = alpha_half.labels,
                                                   .alphas = state.alphas.data(),
                                                   .alpha_gradients = gradient.data()}));
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
  SSNAS_ASSIGN_OR_RETURN(result.weight, model.Pass({.images = weight_half.images,
                                                    .labels = weight_half.labels,
                                                    .alphas = state.alphas.data(),
                                                    .weight_gradients = gradient.data()}));
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
