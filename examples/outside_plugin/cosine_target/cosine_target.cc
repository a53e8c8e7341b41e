#include "cosine_target/cosine_target.h"

#include <algorithm>
#include <cmath>

#include "absl/status/status.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/objectives/checks.h"
#include "ssnas/objectives/linear.h"

namespace outside {
namespace {

constexpr char kName[] = "cosine_target";
constexpr double kShortest = 1e-8;

double Dot(const double* a, const double* b, int64_t size) {
  double sum = 0;
  for (int64_t c = 0; c < size; ++c) sum += a[c] * b[c];
  return sum;
}

class CosineTarget : public ssnas::Objective {
 public:
  explicit CosineTarget(const CosineTargetConfig& config) : config_(config) {}

  int Views() const override { return 2; }
  bool UsesLabels() const override { return false; }

  absl::StatusOr<std::vector<ssnas::ParameterSpec>> Parameters(
      const ssnas::ObjectiveContext& context) const override {
    SSNAS_RETURN_IF_ERROR(ssnas::CheckContext(kName, context));
    if (context.auxiliary_size > 0) {
      return absl::InvalidArgumentError("cosine_target has no use for an auxiliary head");
    }
    std::vector<ssnas::ParameterSpec> specs;
    AddLinear("projection", Head(context), &specs);
    return specs;
  }

  absl::StatusOr<ssnas::LossValue> Evaluate(
      const ssnas::ObjectiveContext& context,
      const ssnas::ObjectiveArgs<float>& args) const override {
    return EvaluateAs(context, args);
  }
  absl::StatusOr<ssnas::LossValue> Evaluate(
      const ssnas::ObjectiveContext& context,
      const ssnas::ObjectiveArgs<double>& args) const override {
    return EvaluateAs(context, args);
  }

 private:
  ssnas::LinearShape Head(const ssnas::ObjectiveContext& context) const {
    return {context.representation_size, config_.projection_size()};
  }

  template <typename T>
  absl::StatusOr<ssnas::LossValue> EvaluateAs(const ssnas::ObjectiveContext& context,
                                              const ssnas::ObjectiveArgs<T>& args) const {
    SSNAS_RETURN_IF_ERROR(CheckArgs(kName, *this, context, args));
    const ssnas::LinearShape head = Head(context);
    std::vector<T> z(args.rows * head.out);
    LinearForward(head, args.rows, args.weights, args.representation, z.data());
    std::vector<double> gradient;
    const ssnas::LossValue value =
        CosineTargetLoss({z.begin(), z.end()}, args.rows, config_.apart(), &gradient);
    const std::vector<T> z_gradient(gradient.begin(), gradient.end());
    LinearBackward(head, args.rows, args.weights, args.representation, z_gradient.data(),
                   args.weight_gradients, args.representation_gradients);
    return value;
  }

  const CosineTargetConfig config_;
};

}  // namespace

ssnas::LossValue CosineTargetLoss(const std::vector<double>& z, int64_t rows, double apart,
                                  std::vector<double>* gradient) {
  const int64_t size = static_cast<int64_t>(z.size()) / rows, images = rows / 2;
  std::vector<double> lengths(rows), u(z);
  for (int64_t i = 0; i < rows; ++i) {
    lengths[i] = std::max(std::sqrt(Dot(&z[i * size], &z[i * size], size)), kShortest);
    for (int64_t c = 0; c < size; ++c) u[i * size + c] /= lengths[i];
  }
  const double pair_weight = 1.0 / static_cast<double>(rows);
  const double other_weight =
      rows > 2 ? apart / (static_cast<double>(rows) * static_cast<double>(rows - 2)) : 0.0;
  ssnas::LossValue value;
  gradient->assign(z.size(), 0.0);
  std::vector<double> along(size);  // ∂L/∂u of a row
  for (int64_t i = 0; i < rows; ++i) {
    const int64_t pair = i < images ? i + images : i - images;
    const double pair_cosine = Dot(&u[i * size], &u[pair * size], size);
    bool nearest = true;
    std::fill(along.begin(), along.end(), 0.0);
    for (int64_t k = 0; k < rows; ++k) {
      if (k == i) continue;
      const double cosine = Dot(&u[i * size], &u[k * size], size);
      const double error = k == pair ? cosine - 1 : cosine;
      const double weight = k == pair ? pair_weight : other_weight;
      nearest = nearest && (k == pair || cosine < pair_cosine);
      value.loss += weight * error * error;
      // Twice: s_ik is also s_ki, which is in the sum too.
      for (int64_t c = 0; c < size; ++c) along[c] += 4 * weight * error * u[k * size + c];
    }
    value.accuracy += nearest ? pair_weight : 0.0;
    // A z of the shortest length or less is divided by a constant.
    const bool turns = lengths[i] > kShortest;
    const double outward = turns ? Dot(along.data(), &u[i * size], size) : 0.0;
    for (int64_t c = 0; c < size; ++c) {
      (*gradient)[i * size + c] = (along[c] - outward * u[i * size + c]) / lengths[i];
    }
  }
  value.accuracy = std::min(value.accuracy, 1.0);
  return value;
}

absl::StatusOr<std::unique_ptr<ssnas::Objective>> MakeCosineTarget(
    const CosineTargetConfig& config) {
  SSNAS_RETURN_IF_ERROR(ssnas::CheckConfig(kName, config));
  return std::make_unique<CosineTarget>(config);
}

}  // namespace outside
