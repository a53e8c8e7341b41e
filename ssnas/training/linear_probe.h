// The linear probe: multinomial logistic regression on frozen representations.
//
// Each feature is standardised by its mean and spread over the training rows (in double; a constant feature becomes 0),
// then full-batch Adam with a cosine schedule minimises cross-entropy plus weight decay, from W = 0: no chance anywhere.
// Source: paper section 4.2; SimCLR section 4 (linear evaluation).
#ifndef SSNAS_TRAINING_LINEAR_PROBE_H_
#define SSNAS_TRAINING_LINEAR_PROBE_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "ssnas/proto/experiment.pb.h"

namespace ssnas {

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

  // Share of rows whose largest logit is the label's; `top`: among the largest so many.
  double Accuracy(const ProbeData& data, int top = 1) const;
};

// InvalidArgument for labels out of range or features that are not finite.
absl::StatusOr<LinearProbe> TrainLinearProbe(const ProbeSpec& spec, const ProbeData& train, int classes);

}  // namespace ssnas

#endif  // SSNAS_TRAINING_LINEAR_PROBE_H_
