#include "ssnas/objectives/nt_xent/nt_xent.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "ssnas/core/gemm.h"
#include "ssnas/objectives/linear.h"

namespace ssnas {
namespace {

constexpr double kShortest = 1e-8;  // length below which a projection has no direction
constexpr int64_t kBlock = 64;      // rows of similarities at once: 64 · 4,096 · 4 B = 1 MB, in L2

struct Sums {
  double loss = 0;
  int64_t nearest = 0;  // rows whose pair is the most similar
};

// Similarities of one row (already divided by τ) become ∂L/∂s of that row, in place.
template <typename T>
void RowLoss(T* similarities, int64_t rows, int64_t self, int64_t pair, Sums* sums) {
  T largest = -INFINITY;
  for (int64_t k = 0; k < rows; ++k) {
    if (k != self) largest = std::max(largest, similarities[k]);
  }
  const T own = similarities[pair];
  double total = 0;
  for (int64_t k = 0; k < rows; ++k) {
    similarities[k] = k == self ? T{0} : std::exp(similarities[k] - largest);
    total += similarities[k];
  }
  sums->loss += std::log(total) - (static_cast<double>(own) - largest);
  sums->nearest += own >= largest;
  const T scale = static_cast<T>(1.0 / (total * static_cast<double>(rows)));
  for (int64_t k = 0; k < rows; ++k) similarities[k] *= scale;
  similarities[pair] -= static_cast<T>(1.0 / static_cast<double>(rows));
}

// u = z / |z|; lengths as used.
template <typename T>
std::vector<T> UnitRows(const T* z, int64_t rows, int64_t size, std::vector<double>* lengths) {
  std::vector<T> unit(rows * size);
  for (int64_t i = 0; i < rows; ++i) {
    double squares = 0;
    for (int64_t c = 0; c < size; ++c) squares += double{z[i * size + c]} * z[i * size + c];
    const double length = std::max(std::sqrt(squares), kShortest);
    lengths->push_back(length);
    for (int64_t c = 0; c < size; ++c) unit[i * size + c] = static_cast<T>(z[i * size + c] / length);
  }
  return unit;
}

class NtXent : public Objective {
 public:
  explicit NtXent(const NtXentConfig& config) : config_(config) {}

  int Views() const override { return 2; }
  bool UsesLabels() const override { return false; }

  absl::StatusOr<std::vector<ParameterSpec>> Parameters(const ObjectiveContext& context) const override {
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
    const int64_t hidden = config_.hidden_size() > 0 ? config_.hidden_size() : context.representation_size;
    return {context.representation_size, hidden};
  }
  LinearShape Second(const ObjectiveContext& context) const {
    return {First(context).out, config_.projection_size()};
  }

  template <typename T>
  absl::StatusOr<LossValue> EvaluateAs(const ObjectiveContext& context, const ObjectiveArgs<T>& args) const {
    if (args.rows < 2 || args.rows % 2 != 0) {
      return absl::InvalidArgumentError(absl::StrCat("nt_xent takes two views of each image, not ", args.rows, " rows"));
    }
    const LinearShape first = First(context), second = Second(context);
    const T* weights2 = args.weights + first.weights();
    std::vector<T> hidden(args.rows * first.out), projection(args.rows * second.out);
    LinearForward(first, args.rows, args.weights, args.representation, hidden.data());
    for (T& value : hidden) value = std::max(value, T{0});
    LinearForward(second, args.rows, weights2, hidden.data(), projection.data());

    const bool backward = args.weight_gradients != nullptr || args.representation_gradients != nullptr;
    std::vector<T> projection_gradient(backward ? projection.size() : 0, T{0});
    const LossValue value = NtXentLoss(projection.data(), args.rows, second.out, config_.temperature(),
                                       backward ? projection_gradient.data() : nullptr);
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

template <typename T>
LossValue NtXentLoss(const T* projection, int64_t rows, int64_t size, double temperature, T* gradient) {
  std::vector<double> lengths;
  const std::vector<T> unit = UnitRows(projection, rows, size, &lengths);
  std::vector<T> unit_gradient(gradient ? unit.size() : 0, T{0});
  std::vector<T> similarities;
  const T inverse = static_cast<T>(1.0 / temperature);
  Sums sums;
  for (int64_t begin = 0; begin < rows; begin += kBlock) {
    const int64_t count = std::min(kBlock, rows - begin);
    const T* block = unit.data() + begin * size;
    similarities.assign(count * rows, T{0});
    GemmNT(count, rows, size, block, unit.data(), similarities.data());
    for (T& s : similarities) s *= inverse;
    for (int64_t i = 0; i < count; ++i) {
      const int64_t row = begin + i;
      RowLoss(similarities.data() + i * rows, rows, row, (row + rows / 2) % rows, &sums);
    }
    if (gradient == nullptr) continue;
    // ∂L/∂u: s_ik is a function of both u_i and u_k.
    GemmNN(count, size, rows, similarities.data(), unit.data(), unit_gradient.data() + begin * size);
    GemmTN(rows, size, count, similarities.data(), block, unit_gradient.data());
  }
  for (int64_t i = 0; gradient != nullptr && i < rows; ++i) {
    // Through u = z / |z|: the part along u is lost, except where the length is the constant.
    const T* u = unit.data() + i * size;
    const T* g = unit_gradient.data() + i * size;
    double along = 0;
    for (int64_t c = 0; c < size; ++c) along += double{u[c]} * g[c];
    if (lengths[i] == kShortest) along = 0;
    for (int64_t c = 0; c < size; ++c) {
      gradient[i * size + c] += static_cast<T>((g[c] - along * u[c]) / (lengths[i] * temperature));
    }
  }
  return {.loss = sums.loss / static_cast<double>(rows),
          .accuracy = static_cast<double>(sums.nearest) / static_cast<double>(rows)};
}

absl::StatusOr<std::unique_ptr<Objective>> MakeNtXent(const NtXentConfig& config) {
  if (!(config.temperature() > 0) || !std::isfinite(config.temperature())) {
    return absl::InvalidArgumentError("temperature must be greater than 0");
  }
  if (config.projection_size() < 1 || config.hidden_size() < 0) {
    return absl::InvalidArgumentError("projection_size must be at least 1, hidden_size at least 0");
  }
  return std::make_unique<NtXent>(config);
}

template LossValue NtXentLoss<float>(const float*, int64_t, int64_t, double, float*);
template LossValue NtXentLoss<double>(const double*, int64_t, int64_t, double, double*);

}  // namespace ssnas
