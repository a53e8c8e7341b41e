// Cross-entropy of a linear classifier on h: what supervised searches and evaluations minimise.
//
//   L = mean over rows of −Σ_k q_k log softmax(W h + b)_k,   q = (1 − ε)·[k = label] + ε / K
//
// h: `representation`, N × D; K: classes; ε: `label_smoothing`. ∂L/∂logit_k = (softmax_k − q_k) / N
// of each row. With an auxiliary representation a second classifier's loss is added, times
// ObjectiveArgs::auxiliary_weight. Accuracy is top-1 of the main classifier; of equal logits the
// first counts as the largest, so that a network that says nothing scores its share of class 0, not
// 100 %. Config: cross_entropy.proto. Cost: K·(D + 1) weights a classifier, N·K·D multiply-adds
// three times. Source: DARTS section 3.1; paper section 4.1 (evaluation). Example:
// example.textproto
#ifndef SSNAS_OBJECTIVES_CROSS_ENTROPY_CROSS_ENTROPY_H_
#define SSNAS_OBJECTIVES_CROSS_ENTROPY_CROSS_ENTROPY_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "ssnas/objectives/cross_entropy/cross_entropy.pb.h"
#include "ssnas/objectives/objective.h"

namespace ssnas {

absl::StatusOr<std::unique_ptr<Objective>> MakeCrossEntropy(const CrossEntropyConfig& config);

// On logits (one row a label); adds `scale` · ∂L/∂logits to `gradient` unless that is null.
template <typename T>
LossValue CrossEntropyLoss(const T* logits, absl::Span<const int32_t> labels, int classes,
                           double smoothing, double scale, T* gradient);

}  // namespace ssnas

#endif  // SSNAS_OBJECTIVES_CROSS_ENTROPY_CROSS_ENTROPY_H_
