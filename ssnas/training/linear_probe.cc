#include "ssnas/training/linear_probe.h"

#include <algorithm>
#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "ssnas/core/gemm.h"
#include "ssnas/objectives/cross_entropy/cross_entropy.h"
#include "ssnas/training/optimizer.h"

namespace ssnas {
namespace {

absl::Status Check(const ProbeData& train, int classes) {
  if (classes < 2) return absl::InvalidArgumentError("a linear probe needs labels of at least 2 classes");
  if (train.labels.empty() || train.features.size() != train.labels.size() * train.dimensions) {
    return absl::InvalidArgumentError(absl::StrCat("a linear probe takes one label a row, not ", train.labels.size(),
                                                   " for ", train.features.size(), " features"));
  }
  for (const int32_t label : train.labels) {
    if (label < 0 || label >= classes) {
      return absl::InvalidArgumentError(absl::StrCat("label ", label, " is not among the ", classes, " classes"));
    }
  }
  if (!std::all_of(train.features.begin(), train.features.end(), [](float f) { return std::isfinite(f); })) {
    return absl::InvalidArgumentError("a representation is not finite");
  }
  return absl::OkStatus();
}

// Mean and 1 / spread of each feature; 0 for one that is constant.
struct Scaling {
  std::vector<double> mean, inverse;
};

Scaling ScalingOf(const ProbeData& data) {
  const int64_t d = data.dimensions, rows = static_cast<int64_t>(data.labels.size());
  Scaling scaling{std::vector<double>(d, 0.0), std::vector<double>(d, 0.0)};
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < d; ++j) scaling.mean[j] += data.features[i * d + j];
  }
  for (double& mean : scaling.mean) mean /= static_cast<double>(rows);
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < d; ++j) {
      const double off = data.features[i * d + j] - scaling.mean[j];
      scaling.inverse[j] += off * off;
    }
  }
  for (double& inverse : scaling.inverse) {
    const double spread = std::sqrt(inverse / static_cast<double>(rows));
    inverse = spread > 0 ? 1 / spread : 0;
  }
  return scaling;
}

void Logits(const ProbeData& data, const std::vector<float>& features, const std::vector<float>& transposed,
            const float* bias, int64_t classes, std::vector<float>* logits) {
  const int64_t rows = static_cast<int64_t>(data.labels.size());
  logits->resize(rows * classes);
  for (int64_t i = 0; i < rows; ++i) std::copy_n(bias, classes, logits->data() + i * classes);
  GemmNN(rows, classes, data.dimensions, features.data(), transposed.data(), logits->data());
}

}  // namespace

double LinearProbe::Accuracy(const ProbeData& data, int top) const {
  std::vector<float> transposed(weight.size()), logits;
  for (int64_t k = 0; k < classes; ++k) {
    for (int64_t j = 0; j < dimensions; ++j) transposed[j * classes + k] = weight[k * dimensions + j];
  }
  Logits(data, data.features, transposed, bias.data(), classes, &logits);
  int64_t right = 0;
  for (size_t i = 0; i < data.labels.size(); ++i) {
    const float* row = logits.data() + i * classes;
    const float own = row[data.labels[i]];
    // Of equal logits the lower class counts as larger, so that a constant network scores no better than chance.
    int64_t larger = 0;
    for (int64_t k = 0; k < classes; ++k) larger += row[k] > own || (row[k] == own && k < data.labels[i]);
    right += larger < top;
  }
  return static_cast<double>(right) / static_cast<double>(data.labels.size());
}

absl::StatusOr<LinearProbe> TrainLinearProbe(const ProbeSpec& spec, const ProbeData& train, int classes) {
  if (absl::Status status = Check(train, classes); !status.ok()) return status;
  const int64_t d = train.dimensions, rows = static_cast<int64_t>(train.labels.size());
  const Scaling scaling = ScalingOf(train);
  std::vector<float> features(train.features.size());
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < d; ++j) {
      features[i * d + j] =
          static_cast<float>((train.features[i * d + j] - scaling.mean[j]) * scaling.inverse[j]);
    }
  }
  // W transposed (d × classes), then b: one buffer for the optimiser; weight decay spares b.
  std::vector<float> parameters((d + 1) * classes, 0.0f), m(parameters), v(parameters), gradient(parameters);
  SgdSpec schedule;
  schedule.set_learning_rate(spec.learning_rate());
  AdamSpec adam;
  adam.set_beta1(0.9);
  adam.set_weight_decay(0);
  std::vector<float> logits, logit_gradient(rows * classes);
  for (int epoch = 0; epoch < spec.epochs(); ++epoch) {
    const std::vector<float> weights(parameters.begin(), parameters.begin() + d * classes);
    Logits(train, features, weights, parameters.data() + d * classes, classes, &logits);
    std::fill(logit_gradient.begin(), logit_gradient.end(), 0.0f);
    CrossEntropyLoss(logits.data(), train.labels, classes, 0.0, 1.0, logit_gradient.data());
    std::fill(gradient.begin(), gradient.end(), 0.0f);
    GemmTN(d, int64_t{classes}, rows, features.data(), logit_gradient.data(), gradient.data());
    for (int64_t i = 0; i < rows; ++i) {
      for (int k = 0; k < classes; ++k) gradient[d * classes + k] += logit_gradient[i * classes + k];
    }
    for (int64_t i = 0; i < d * classes; ++i) {
      gradient[i] += static_cast<float>(spec.weight_decay()) * parameters[i];
    }
    adam.set_learning_rate(LearningRate(schedule, epoch, 0, 1, spec.epochs()));
    AdamStep(adam, epoch + 1, gradient, absl::MakeSpan(m), absl::MakeSpan(v), absl::MakeSpan(parameters));
  }
  LinearProbe probe{.classes = classes, .dimensions = d};
  for (int k = 0; k < classes; ++k) {
    double bias = parameters[d * classes + k];
    for (int64_t j = 0; j < d; ++j) {
      const double weight = parameters[j * classes + k] * scaling.inverse[j];
      probe.weight.push_back(static_cast<float>(weight));
      bias -= weight * scaling.mean[j];
    }
    probe.bias.push_back(static_cast<float>(bias));
  }
  return probe;
}

}  // namespace ssnas
