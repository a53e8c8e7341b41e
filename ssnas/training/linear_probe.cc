#include "ssnas/training/linear_probe.h"

#include <algorithm>
#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/objectives/cross_entropy/cross_entropy.h"
#include "ssnas/objectives/linear.h"
#include "ssnas/training/optimizer.h"

namespace ssnas {
namespace {

absl::Status Check(const ProbeData& train, int classes) {
  if (classes < 2)
    return absl::InvalidArgumentError("a linear probe needs labels of at least 2 classes");
  if (train.labels.empty() || train.dimensions < 1 ||
      train.features.size() != train.labels.size() * train.dimensions) {
    return absl::InvalidArgumentError(absl::StrCat("a linear probe takes one label a row, not ",
                                                   train.labels.size(), " for ",
                                                   train.features.size(), " features"));
  }
  for (const int32_t label : train.labels) {
    if (label < 0 || label >= classes) {
      return absl::InvalidArgumentError(
          absl::StrCat("label ", label, " is not among the ", classes, " classes"));
    }
  }
  if (!std::all_of(train.features.begin(), train.features.end(),
                   [](float f) { return std::isfinite(f); })) {
    return absl::InvalidArgumentError("a representation is not finite");
  }
  return absl::OkStatus();
}

// Mean and 1 / spread of each feature; 0 for one that is as good as constant.
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
  for (int64_t j = 0; j < d; ++j) {
    const double spread = std::sqrt(scaling.inverse[j] / static_cast<double>(rows));
    scaling.inverse[j] = spread > kLeastSpread * std::abs(scaling.mean[j]) ? 1 / spread : 0;
  }
  return scaling;
}

std::vector<float> Standardise(const ProbeData& data, const Scaling& scaling) {
  const size_t d = data.dimensions;
  std::vector<float> features(data.features.size());
  for (size_t i = 0; i < features.size(); ++i) {
    features[i] =
        static_cast<float>((data.features[i] - scaling.mean[i % d]) * scaling.inverse[i % d]);
  }
  return features;
}

// Loss's gradient at `parameters` (W, then b), decay of W included.
void Gradient(const LinearShape& shape, const std::vector<float>& features,
              const std::vector<int32_t>& labels, double weight_decay,
              const std::vector<float>& parameters, std::vector<float>* gradient) {
  const int64_t rows = static_cast<int64_t>(labels.size());
  std::vector<float> logits(rows * shape.out), logit_gradient(rows * shape.out, 0.0f);
  LinearForward(shape, rows, parameters.data(), features.data(), logits.data());
  CrossEntropyLoss(logits.data(), labels, static_cast<int>(shape.out), 0.0, 1.0,
                   logit_gradient.data());
  std::fill(gradient->begin(), gradient->end(), 0.0f);
  LinearBackward<float>(shape, rows, parameters.data(), features.data(), logit_gradient.data(),
                        gradient->data(), nullptr);
  for (int64_t i = 0; i < shape.in * shape.out; ++i) {
    (*gradient)[i] += static_cast<float>(weight_decay) * parameters[i];
  }
}

// W (x − mean) / spread + b as a probe of x.
LinearProbe Fold(const LinearShape& shape, const Scaling& scaling,
                 const std::vector<float>& parameters) {
  LinearProbe probe{.classes = shape.out, .dimensions = shape.in};
  for (int64_t k = 0; k < shape.out; ++k) {
    double bias = parameters[shape.in * shape.out + k];
    for (int64_t j = 0; j < shape.in; ++j) {
      const double weight = parameters[k * shape.in + j] * scaling.inverse[j];
      probe.weight.push_back(static_cast<float>(weight));
      bias -= weight * scaling.mean[j];
    }
    probe.bias.push_back(static_cast<float>(bias));
  }
  return probe;
}

}  // namespace

double LinearProbe::Accuracy(const ProbeData& data, int top) const {
  const int64_t rows = static_cast<int64_t>(data.labels.size());
  std::vector<float> parameters = weight;
  parameters.insert(parameters.end(), bias.begin(), bias.end());
  std::vector<float> logits(rows * classes);
  LinearForward({dimensions, classes}, rows, parameters.data(), data.features.data(),
                logits.data());
  int64_t right = 0;
  for (int64_t i = 0; i < rows; ++i) {
    const float* row = logits.data() + i * classes;
    const int64_t label = data.labels[i];
    if (label < 0 || label >= classes || std::isnan(row[label])) continue;
    int64_t larger = 0;
    for (int64_t k = 0; k < classes; ++k) {
      larger += row[k] > row[label] || (row[k] == row[label] && k < label);
    }
    right += larger < top;
  }
  return static_cast<double>(right) / static_cast<double>(rows);
}

absl::StatusOr<LinearProbe> TrainLinearProbe(const ProbeSpec& spec, const ProbeData& train,
                                             int classes) {
  SSNAS_RETURN_IF_ERROR(Check(train, classes));
  const Scaling scaling = ScalingOf(train);
  const std::vector<float> features = Standardise(train, scaling);
  const LinearShape shape{train.dimensions, classes};
  std::vector<float> parameters(shape.weights(), 0.0f), m(parameters), v(parameters),
      gradient(parameters);
  SgdSpec schedule;
  schedule.set_learning_rate(spec.learning_rate());
  AdamSpec adam;
  adam.set_beta1(0.9);
  adam.set_weight_decay(0);  // that of W is in the gradient; b has none
  for (int epoch = 0; epoch < spec.epochs(); ++epoch) {
    Gradient(shape, features, train.labels, spec.weight_decay(), parameters, &gradient);
    adam.set_learning_rate(LearningRate(schedule, epoch, 0, 1, spec.epochs()));
    AdamStep(adam, epoch + 1, gradient, absl::MakeSpan(m), absl::MakeSpan(v),
             absl::MakeSpan(parameters));
  }
  return Fold(shape, scaling, parameters);
}

}  // namespace ssnas
