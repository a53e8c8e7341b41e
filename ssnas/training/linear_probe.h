// The linear probe: multinomial logistic regression on frozen representations.
//
//   min over W, b of  mean over rows of −log softmax(W x + b)_label + λ/2 |W|²,   λ: `weight_decay`
//
// x: a row of features, each standardised by its mean and spread over the training rows (in
// double). A feature whose spread is below kLeastSpread of its mean tells nothing that float32
// could hold: it becomes 0. Full-batch Adam (0.9, 0.999) with a cosine from `learning_rate` to 0
// over `epochs` steps, from W = 0: no chance anywhere, one thread, one order of sums. 10,000 rows
// of 256 features and 10 classes take 2 s at the default 200 epochs (EPYC, linear_probe_benchmark).
// Source: paper section 4.1; SimCLR section 4 (linear evaluation).
#ifndef SSNAS_TRAINING_LINEAR_PROBE_H_
#define SSNAS_TRAINING_LINEAR_PROBE_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "ssnas/proto/experiment.pb.h"

namespace ssnas {

// At this spread float32's rounding of W · mean, 6e-8 · mean / spread, is a hundredth of W.
inline constexpr double kLeastSpread = 6e-6;

struct ProbeData {
  int64_t dimensions = 0;
  std::vector<float> features = {};  // rows × dimensions
  std::vector<int32_t> labels = {};  // one a row
};

struct LinearProbe {
  int64_t classes = 0;
  int64_t dimensions = 0;
  // For features as they are (the standardisation is folded in): logits = W h + b.
  std::vector<float> weight = {};  // classes × dimensions
  std::vector<float> bias = {};

  // Share of rows whose largest logit is the label's; `top`: among the largest so many. Of equal
  // logits the first counts as the largest. A label that is no class of the probe, or a logit that
  // is not a number, is wrong.
  double Accuracy(const ProbeData& data, int top = 1) const;
};

// InvalidArgument for labels out of range or features that are not finite.
absl::StatusOr<LinearProbe> TrainLinearProbe(const ProbeSpec& spec, const ProbeData& train,
                                             int classes);

}  // namespace ssnas

#endif  // SSNAS_TRAINING_LINEAR_PROBE_H_
