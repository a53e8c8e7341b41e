#include "ssnas/engine/testing/block_runner.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "absl/strings/match.h"
#include "ssnas/core/logging.h"
#include "ssnas/core/philox.h"
#include "ssnas/core/status_macros.h"

namespace ssnas {
namespace {

double RoundToFloat(double value) { return static_cast<float>(value); }

std::vector<double> Normals(int64_t count, uint64_t seed, uint64_t stream) {
  Philox random({.seed = seed, .purpose = Purpose::kTest, .sample = stream});
  std::vector<double> values(count);
  for (double& value : values) value = RoundToFloat(random.Normal());
  return values;
}

// Rows and columns of the mixture: 0 × 0 without.
std::pair<int64_t, int64_t> MixtureSize(const BlockPlan& plan) {
  int64_t rows = 0, columns = 0;
  for (const NodePlan& node : plan.nodes) {
    for (const EdgePlan& edge : node.edges) {
      if (edge.mixture_row < 0) continue;
      rows = std::max<int64_t>(rows, edge.mixture_row + 1);
      columns = static_cast<int64_t>(edge.candidates.size());
    }
  }
  return {rows, columns};
}

std::vector<double> RandomMixture(const BlockPlan& plan, uint64_t seed) {
  const auto [rows, columns] = MixtureSize(plan);
  std::vector<double> mixture = Normals(rows * columns, seed, 1000);
  for (int64_t row = 0; row < rows; ++row) {
    double sum = 0;
    for (int64_t c = 0; c < columns; ++c) sum += std::exp(mixture[row * columns + c]);
    for (int64_t c = 0; c < columns; ++c) {
      double& value = mixture[row * columns + c];
      value = RoundToFloat(std::exp(value) / sum);
    }
  }
  return mixture;
}

}  // namespace

BlockData RandomBlockData(const BlockPlan& plan, const std::vector<Shape4>& input_shapes,
                          uint64_t seed) {
  BlockData data;
  data.input_shapes = input_shapes;
  for (size_t i = 0; i < input_shapes.size(); ++i) {
    data.inputs.push_back(Normals(input_shapes[i].count(), seed, i));
  }
  ParameterLayout weights, statistics;
  plan.AddParameters(&weights, &statistics);
  const std::vector<float> initial = InitialValues<float>(weights, seed);
  data.weights.assign(initial.begin(), initial.end());
  const std::vector<double> noise = Normals(weights.size(), seed, 1001);
  for (size_t i = 0; i < weights.specs().size(); ++i) {
    const ParameterSpec& spec = weights.specs()[i];
    if (spec.init == Init::kUniformFanIn) continue;
    for (int64_t j = weights.offset(i); j < weights.offset(i) + spec.count(); ++j) {
      data.weights[j] = RoundToFloat(data.weights[j] + 0.25 * noise[j]);
    }
  }
  data.running_statistics = Normals(statistics.size(), seed, 1002);
  for (size_t i = 0; i < statistics.specs().size(); ++i) {
    if (!absl::EndsWith(statistics.specs()[i].name, "running_var")) continue;
    const int64_t first = statistics.offset(i);
    for (int64_t j = first; j < first + statistics.specs()[i].count(); ++j) {
      data.running_statistics[j] = RoundToFloat(0.5 + std::abs(data.running_statistics[j]));
    }
  }
  data.mixture = RandomMixture(plan, seed);
  const absl::StatusOr<std::vector<Shape4>> shapes = plan.Shapes(input_shapes);
  CHECK(shapes.ok()) << shapes.status();
  data.output_gradient = Normals(shapes->back().count(), seed, 1003);
  return data;
}

template <typename T>
GuardedBuffer<T>::GuardedBuffer(int64_t size, T value)
    : memory_(size + 2 * kGuard, std::numeric_limits<T>::quiet_NaN()) {
  Fill(value);
}

template <typename T>
GuardedBuffer<T>::GuardedBuffer(const std::vector<double>& values)
    : GuardedBuffer(static_cast<int64_t>(values.size()), T{0}) {
  std::transform(values.begin(), values.end(), data(), [](double v) { return static_cast<T>(v); });
}

template <typename T>
void GuardedBuffer<T>::Fill(T value) {
  std::fill(memory_.begin() + kGuard, memory_.end() - kGuard, value);
}

template <typename T>
std::vector<double> GuardedBuffer<T>::values() const {
  return {memory_.begin() + kGuard, memory_.end() - kGuard};
}

template <typename T>
bool GuardedBuffer<T>::Intact() const {
  const std::vector<T> guard(kGuard, std::numeric_limits<T>::quiet_NaN());
  const size_t bytes = kGuard * sizeof(T);
  return std::memcmp(memory_.data(), guard.data(), bytes) == 0 &&
         std::memcmp(memory_.data() + memory_.size() - kGuard, guard.data(), bytes) == 0;
}

template <typename T>
absl::StatusOr<std::unique_ptr<BlockRunner<T>>> BlockRunner<T>::Create(Engine<T>& engine,
                                                                       const BlockPlan& plan,
                                                                       const BlockData& data) {
  auto runner = std::make_unique<BlockRunner<T>>();
  plan.AddParameters(&runner->weight_layout_, &runner->statistics_layout_);
  SSNAS_ASSIGN_OR_RETURN(runner->block_,
                         engine.Build(plan, runner->weight_layout_, runner->statistics_layout_));
  SSNAS_ASSIGN_OR_RETURN(const std::vector<Shape4> shapes, plan.Shapes(data.input_shapes));
  runner->input_shapes_ = data.input_shapes;
  runner->output_shape_ = shapes.back();
  for (const std::vector<double>& input : data.inputs) {
    runner->inputs_.emplace_back(input);
    runner->input_gradients_.emplace_back(static_cast<int64_t>(input.size()), T{0});
    runner->input_gradient_wanted_.push_back(true);
  }
  runner->weights_ = GuardedBuffer<T>(data.weights);
  runner->mixture_ = GuardedBuffer<T>(data.mixture);
  runner->drop_path_ = GuardedBuffer<T>(data.drop_path);
  runner->statistics_ = GuardedBuffer<T>(data.running_statistics);
  runner->output_ = GuardedBuffer<T>(shapes.back().count(), T{0});
  runner->output_gradient_ = GuardedBuffer<T>(data.output_gradient);
  runner->weight_gradients_ = GuardedBuffer<T>(runner->weights_.size(), T{0});
  runner->mixture_gradients_ = GuardedBuffer<T>(runner->mixture_.size(), T{0});
  return runner;
}

template <typename T>
absl::Status BlockRunner<T>::Forward(NormMode norm, unsigned gradients) {
  output_.Fill(std::numeric_limits<T>::quiet_NaN());
  ForwardArgs<T> args;
  for (size_t i = 0; i < inputs_.size(); ++i) {
    args.inputs.push_back({inputs_[i].data(), input_shapes_[i]});
  }
  args.weights = weights_.data();
  args.mixture = mixture_.size() > 0 ? mixture_.data() : nullptr;
  args.running_statistics = statistics_.data();
  args.norm = norm;
  args.drop_path = drop_path_.size() > 0 ? drop_path_.data() : nullptr;
  args.gradients = gradients;
  return block_->Forward(args, {output_.data(), output_shape_});
}

template <typename T>
absl::Status BlockRunner<T>::Backward(unsigned gradients) {
  BackwardArgs<T> args;
  args.output_gradient = {output_gradient_.data(), output_shape_};
  args.gradients = gradients;
  args.weight_gradients = weight_gradients_.data();
  args.mixture_gradients = mixture_gradients_.data();
  for (size_t i = 0; i < inputs_.size(); ++i) {
    args.input_gradients.push_back(
        {input_gradient_wanted_[i] ? input_gradients_[i].data() : nullptr, input_shapes_[i]});
  }
  args.input_gradients_begin = begins_;
  return block_->Backward(args);
}

template <typename T>
absl::Status BlockRunner<T>::Check() const {
  bool intact = output_.Intact() && statistics_.Intact() && weight_gradients_.Intact() &&
                mixture_gradients_.Intact();
  for (const GuardedBuffer<T>& gradients : input_gradients_) intact &= gradients.Intact();
  return intact ? absl::OkStatus() : absl::InternalError("memory beside a result was written");
}

template <typename T>
void BlockRunner<T>::SetInput(int index, const std::vector<double>& values) {
  CHECK_EQ(static_cast<int64_t>(values.size()), inputs_[index].size());
  inputs_[index] = GuardedBuffer<T>(values);
}

template <typename T>
void BlockRunner<T>::SetWeights(const std::vector<double>& values) {
  CHECK_EQ(static_cast<int64_t>(values.size()), weights_.size());
  weights_ = GuardedBuffer<T>(values);
}

template <typename T>
void BlockRunner<T>::SetMixture(const std::vector<double>& values) {
  CHECK_EQ(static_cast<int64_t>(values.size()), mixture_.size());
  mixture_ = GuardedBuffer<T>(values);
}

template <typename T>
void BlockRunner<T>::BeginInputGradients() {
  begins_.assign(inputs_.size(), true);
  for (GuardedBuffer<T>& gradient : input_gradients_) {
    gradient.Fill(std::numeric_limits<T>::quiet_NaN());
  }
}

template <typename T>
void BlockRunner<T>::PoisonParameters() {
  const T poison = std::numeric_limits<T>::quiet_NaN();
  weights_.Fill(poison);
  mixture_.Fill(poison);
  drop_path_.Fill(poison);
  statistics_.Fill(poison);
}

template class GuardedBuffer<float>;
template class GuardedBuffer<double>;
template class BlockRunner<float>;
template class BlockRunner<double>;

}  // namespace ssnas
