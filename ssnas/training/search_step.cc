#include "ssnas/training/search_step.h"

#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "ssnas/core/exit_code.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/training/optimizer.h"

namespace ssnas {
namespace {

absl::Status CheckFinite(double norm, const char* what, int64_t step) {
  if (std::isfinite(norm)) return absl::OkStatus();
  return InArea(ErrorArea::kComputation, absl::InternalError(absl::StrCat(
                                             "search step ", step, ": the gradient of the ", what,
                                             " is not finite. A smaller learning rate may help.")));
}

}  // namespace

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
  SSNAS_RETURN_IF_ERROR(CheckFinite(result.alpha_gradient_norm, "alphas", step));
  AdamStep(spec.alphas(), step, gradient, absl::MakeSpan(state.adam_m),
           absl::MakeSpan(state.adam_v), absl::MakeSpan(state.alphas));

  gradient.resize(model.weights().size());
  SSNAS_ASSIGN_OR_RETURN(result.weight, model.Pass({.images = weight_half.images,
                                                    .labels = weight_half.labels,
                                                    .alphas = state.alphas.data(),
                                                    .weight_gradients = gradient.data()}));
  result.weight_gradient_norm = GradientNorm(gradient, model.parallel_for());
  SSNAS_RETURN_IF_ERROR(CheckFinite(result.weight_gradient_norm, "weights", step));
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
