// One step of a search: an alpha step on one half, then a weight step on the other.
//
//   α ← Adam(∇α L_alpha_half(w, α)),   then   w ← SGD(clip ∇w L_weight_half(w, α))
//
// Second order takes ∇α L_alpha_half(w'(α), α) instead, w' one unclipped weight step ahead on the
// same weight half (search/unrolled_gradient.h). The halves are disjoint random halves of the
// training set; with a contrastive objective neither has labels. Source: paper sections 3.2 and
// 3.4, DARTS algorithm 1.
#ifndef SSNAS_TRAINING_SEARCH_STEP_H_
#define SSNAS_TRAINING_SEARCH_STEP_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "ssnas/objectives/objective.h"
#include "ssnas/proto/experiment.pb.h"
#include "ssnas/training/batch_source.h"
#include "ssnas/training/model.h"

namespace ssnas {

struct SearchStepResult {
  LossValue alpha;  // second order: at the weights one step ahead
  LossValue weight;
  double weight_gradient_norm = 0;  // before clipping
  double alpha_gradient_norm = 0;
};

// All that a search carries from step to step.
struct SearchState {
  std::vector<float> alphas, adam_m, adam_v;  // 2 × rows × candidates
  std::vector<float> velocity;                // as the model's weights
  int64_t step = 0;                           // steps done or left out
};

// Makes one step on both halves at this learning rate of the weights. A bad step (bad_step.h) or
// any other error leaves weights and state as they were.
absl::StatusOr<SearchStepResult> SearchStep(const SearchSpec& spec, double learning_rate,
                                            const TrainingBatch& alpha_half,
                                            const TrainingBatch& weight_half, Model& model,
                                            SearchState& state);

}  // namespace ssnas

#endif  // SSNAS_TRAINING_SEARCH_STEP_H_
