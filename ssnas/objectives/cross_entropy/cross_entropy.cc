#include "ssnas/objectives/cross_entropy/cross_entropy.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/objectives/checks.h"
#include "ssnas/objectives/linear.h"

namespace ssnas {
namespace {

constexpr char kName[] = "cross_entropy";

class CrossEntropy : public Objective {
 public:
  explicit CrossEntropy(const CrossEntropyConfig& config) : config_(config) {}

  int Views() const override { return 1; }
  bool UsesLabels() const override { return true; }

  absl::StatusOr<std::vector<ParameterSpec>> Parameters(
      const ObjectiveContext& context) const override {
    SSNAS_RETURN_IF_ERROR(CheckContext(kName, context));
    if (context.num_classes < 2) {
      return absl::InvalidArgumentError(
          absl::StrCat(kName, " needs labels of at least 2 classes; this data has ",
                       context.num_classes, ". nt_xent needs none."));
    }
    std::vector<ParameterSpec> specs;
    AddLinear("classifier", {context.representation_size, context.num_classes}, &specs);
    if (context.auxiliary_size > 0) {
      AddLinear("auxiliary_classifier", {context.auxiliary_size, context.num_classes}, &specs);
    }
    return specs;
  }

  absl::StatusOr<LossValue> Evaluate(const ObjectiveContext& context,
                                     const ObjectiveArgs<float>& args) const override {
    return EvaluateAs(context, args);
  }
  absl::StatusOr<LossValue> Evaluate(const ObjectiveContext& context,
                                     const ObjectiveArgs<double>& args) const override {
    return EvaluateAs(context, args);
  }

 private:
  // One classifier's loss and gradients, each gradient times `scale`.
  template <typename T>
  LossValue Classify(const LinearShape& shape, const ObjectiveArgs<T>& args, const T* weights,
                     const T* h, double scale, T* weight_gradients, T* h_gradients) const {
    std::vector<T> logits(args.rows * shape.out);
    LinearForward(shape, args.rows, weights, h, logits.data());
    const bool backward = weight_gradients != nullptr || h_gradients != nullptr;
    std::vector<T> gradient(backward ? logits.size() : 0, T{0});
    const LossValue value =
        CrossEntropyLoss(logits.data(), args.labels, static_cast<int>(shape.out),
                         config_.label_smoothing(), scale, backward ? gradient.data() : nullptr);
    if (backward) {
      LinearBackward(shape, args.rows, weights, h, gradient.data(), weight_gradients, h_gradients);
    }
    return value;
  }

  template <typename T>
  absl::StatusOr<LossValue> EvaluateAs(const ObjectiveContext& context,
                                       const ObjectiveArgs<T>& args) const {
    SSNAS_RETURN_IF_ERROR(CheckArgs(kName, *this, context, args));
    const LinearShape main{context.representation_size, context.num_classes};
    LossValue value = Classify(main, args, args.weights, args.representation, 1.0,
                               args.weight_gradients, args.representation_gradients);
    if (args.auxiliary == nullptr) return value;
    const LinearShape auxiliary{context.auxiliary_size, context.num_classes};
    value.loss += args.auxiliary_weight *
                  Classify(auxiliary, args, args.weights + main.weights(), args.auxiliary,
                           args.auxiliary_weight,
                           args.weight_gradients ? args.weight_gradients + main.weights() : nullptr,
                           args.auxiliary_gradients)
                      .loss;
    return value;
  }

  const CrossEntropyConfig config_;
};

}  // namespace

template <typename T>
LossValue CrossEntropyLoss(const T* logits, absl::Span<const int32_t> labels, int classes,
                           double smoothing, double scale, T* gradient) {
  double loss = 0;
  int64_t right = 0;
  const double rows = static_cast<double>(labels.size());
  for (size_t i = 0; i < labels.size(); ++i) {
    const T* row = logits + i * classes;
    const T* const first_largest = std::max_element(row, row + classes);
    const double largest = *first_largest;
    double total = 0, mean = 0;
    for (int k = 0; k < classes; ++k) {
      total += std::exp(row[k] - largest);
      mean += (row[k] - largest) / classes;
    }
    const double log_total = std::log(total);
    loss += log_total - (1 - smoothing) * (row[labels[i]] - largest) - smoothing * mean;
    right += first_largest - row == labels[i];
    for (int k = 0; gradient != nullptr && k < classes; ++k) {
      const double target = (k == labels[i] ? 1 - smoothing : 0.0) + smoothing / classes;
      gradient[i * classes + k] +=
          static_cast<T>(scale * (std::exp(row[k] - largest - log_total) - target) / rows);
    }
  }
  return {.loss = loss / rows, .accuracy = static_cast<double>(right) / rows};
}

absl::StatusOr<std::unique_ptr<Objective>> MakeCrossEntropy(const CrossEntropyConfig& config) {
  SSNAS_RETURN_IF_ERROR(CheckConfig(kName, config));
  return std::make_unique<CrossEntropy>(config);
}

template LossValue CrossEntropyLoss<float>(const float*, absl::Span<const int32_t>, int, double,
                                           double, float*);
template LossValue CrossEntropyLoss<double>(const double*, absl::Span<const int32_t>, int, double,
                                            double, double*);

}  // namespace ssnas
