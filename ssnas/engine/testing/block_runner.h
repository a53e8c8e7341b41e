// Runs one block on data of its own: what tests and benchmarks of every engine share.
//
// All memory that the block reads lies between NaNs, so that a read past an edge shows in the
// result; memory that it writes lies between guards, which Check compares bit by bit.
//
// Example:
//   auto runner = BlockRunner<double>::Create(*engine, plan, RandomBlockData(plan, {{2, 8, 8, 4}},
//   1)); SSNAS_RETURN_IF_ERROR((*runner)->Forward(NormMode::kBatch, kWeightGradients));
//   SSNAS_RETURN_IF_ERROR((*runner)->Backward(kWeightGradients));
//   const std::vector<double> gradient = (*runner)->weight_gradients();
#ifndef SSNAS_ENGINE_TESTING_BLOCK_RUNNER_H_
#define SSNAS_ENGINE_TESTING_BLOCK_RUNNER_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ssnas/engine/block.h"

namespace ssnas {

// Values that float32 holds exactly, so that both precisions compute from the same numbers.
struct BlockData {
  std::vector<Shape4> input_shapes;
  std::vector<std::vector<double>> inputs;
  std::vector<double> weights;             // layout of the plan's AddParameters
  std::vector<double> running_statistics;  // variances are positive
  std::vector<double> mixture;             // rows sum to 1; empty without mixtures
  std::vector<double> drop_path;           // edges × images; empty: none
  std::vector<double> output_gradient;
};

// Standard normal inputs and gradients, weights as initialised (norms' moved off 1 and 0). `plan`
// fits the shapes.
BlockData RandomBlockData(const BlockPlan& plan, const std::vector<Shape4>& input_shapes,
                          uint64_t seed);

// A buffer between two guards of NaNs.
template <typename T>
class GuardedBuffer {
 public:
  GuardedBuffer() : GuardedBuffer(0, T{0}) {}
  GuardedBuffer(int64_t size, T value);
  explicit GuardedBuffer(const std::vector<double>& values);

  T* data() { return memory_.data() + kGuard; }
  int64_t size() const { return static_cast<int64_t>(memory_.size()) - 2 * kGuard; }
  void Fill(T value);
  // As doubles, which hold both types exactly.
  std::vector<double> values() const;
  // Whether both guards are as they were made.
  bool Intact() const;

 private:
  static constexpr int64_t kGuard = 64;
  std::vector<T> memory_;
};

template <typename T>
class BlockRunner {
 public:
  static absl::StatusOr<std::unique_ptr<BlockRunner<T>>> Create(Engine<T>& engine,
                                                                const BlockPlan& plan,
                                                                const BlockData& data);

  // Forgets the output (NaN), then runs.
  absl::Status Forward(NormMode norm, unsigned gradients);
  // Adds to the gradients, which start at 0.
  absl::Status Backward(unsigned gradients);
  // Internal when a guard was written.
  absl::Status Check() const;

  // Each replaces one of the data's parts, of the same size.
  void SetInput(int index, const std::vector<double>& values);
  void SetWeights(const std::vector<double>& values);
  void SetMixture(const std::vector<double>& values);
  // Everything that Forward reads and Backward must not becomes NaN: all but the inputs.
  void PoisonParameters();
  // Backward is told to begin the inputs' gradients from now on, and finds NaN in their memory.
  void BeginInputGradients();
  // Backward gets no memory for this input's gradient from now on.
  void SkipInputGradient(int index) { input_gradient_wanted_[index] = false; }

  const ParameterLayout& weight_layout() const { return weight_layout_; }
  const ParameterLayout& statistics_layout() const { return statistics_layout_; }
  const Shape4& output_shape() const { return output_shape_; }
  std::vector<double> output() const { return output_.values(); }
  std::vector<double> running_statistics() const { return statistics_.values(); }
  std::vector<double> weight_gradients() const { return weight_gradients_.values(); }
  std::vector<double> mixture_gradients() const { return mixture_gradients_.values(); }
  std::vector<double> input_gradients(int index) const { return input_gradients_[index].values(); }

 private:
  ParameterLayout weight_layout_;
  ParameterLayout statistics_layout_;
  std::unique_ptr<Block<T>> block_;
  std::vector<Shape4> input_shapes_;
  Shape4 output_shape_;
  std::vector<GuardedBuffer<T>> inputs_;
  GuardedBuffer<T> weights_, mixture_, drop_path_, statistics_, output_, output_gradient_;
  std::vector<GuardedBuffer<T>> input_gradients_;
  std::vector<bool> input_gradient_wanted_;
  std::vector<bool> begins_;
  GuardedBuffer<T> weight_gradients_, mixture_gradients_;
};

}  // namespace ssnas

#endif  // SSNAS_ENGINE_TESTING_BLOCK_RUNNER_H_
