#include "ssnas/objectives/nt_xent/nt_xent.h"

#include <algorithm>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "ssnas/core/status_macros.h"
#include "ssnas/objectives/checks.h"
#include "ssnas/objectives/linear.h"
#include "ssnas/objectives/nt_xent/nt_xent_loss.h"

namespace ssnas {
namespace {

constexpr char kName[] = "nt_xent";

class NtXent : public Objective {
 public:
  explicit NtXent(const NtXentConfig& config) : config_(config) {}

  int Views() const override { return 2; }
  bool UsesLabels() const override { return false; }

  absl::StatusOr<std::vector<ParameterSpec>> Parameters(
      const ObjectiveContext& context) const override {
    SSNAS_RETURN_IF_ERROR(CheckContext(kName, context));
    if (context.auxiliary_size > 0) {
      return absl::InvalidArgumentError(absl::StrCat(
          kName, " has no use for an auxiliary head; leave `auxiliary` of the network at 0"));
    }
    std::vector<ParameterSpec> specs;
    AddLinear("projection.linear1", First(context), &specs);
    AddLinear("projection.linear2", Second(context), &specs);
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
  LinearShape First(const ObjectiveContext& context) const {
    const int64_t hidden =
        config_.hidden_size() > 0 ? config_.hidden_size() : context.representation_size;
    return {context.representation_size, hidden};
  }
  LinearShape Second(const ObjectiveContext& context) const {
    return {First(context).out, config_.projection_size()};
  }

  template <typename T>
  absl::StatusOr<LossValue> EvaluateAs(const ObjectiveContext& context,
                                       const ObjectiveArgs<T>& args) const {
    SSNAS_RETURN_IF_ERROR(CheckArgs(kName, *this, context, args));
    const LinearShape first = First(context), second = Second(context);
    const T* weights2 = args.weights + first.weights();
    std::vector<T> hidden(args.rows * first.out), projection(args.rows * second.out);
    LinearForward(first, args.rows, args.weights, args.representation, hidden.data());
    for (T& value : hidden) value = std::max(value, T{0});
    LinearForward(second, args.rows, weights2, hidden.data(), projection.data());

    const bool backward =
        args.weight_gradients != nullptr || args.representation_gradients != nullptr;
    std::vector<T> projection_gradient(backward ? projection.size() : 0, T{0});
    const LossValue value =
        NtXentLoss(projection.data(), args.rows, second.out, config_.temperature(),
                   backward ? projection_gradient.data() : nullptr, args.parallel_for);
    if (!backward) return value;
    std::vector<T> hidden_gradient(hidden.size(), T{0});
    LinearBackward(second, args.rows, weights2, hidden.data(), projection_gradient.data(),
                   args.weight_gradients ? args.weight_gradients + first.weights() : nullptr,
                   hidden_gradient.data());
    for (size_t i = 0; i < hidden.size(); ++i) {
      if (hidden[i] <= 0) hidden_gradient[i] = 0;
    }
    LinearBackward(first, args.rows, args.weights, args.representation, hidden_gradient.data(),
                   args.weight_gradients, args.representation_gradients);
    return value;
  }

  const NtXentConfig config_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Objective>> MakeNtXent(const NtXentConfig& config) {
  SSNAS_RETURN_IF_ERROR(CheckConfig(kName, config));
  return std::make_unique<NtXent>(config);
}

}  // namespace ssnas
