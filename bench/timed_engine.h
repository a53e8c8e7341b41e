// An engine that notes when each of its blocks runs, and does nothing else: where a step's time
// goes, seen from outside.
//
// Example:
//   BlockTimes times;
//   TimedEngine engine(std::move(inner), &times);
//   … one step …
//   const StepPhases phases = SplitStep(times, begin, end);
#ifndef BENCH_TIMED_ENGINE_H_
#define BENCH_TIMED_ENGINE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ssnas/engine/block.h"

namespace ssnas {

struct BlockTime {
  bool is_cell = false;  // else a stem or an auxiliary head
  bool backward = false;
  int64_t begin = 0, end = 0;  // SteadyNanoseconds
};
using BlockTimes = std::vector<BlockTime>;

class TimedEngine : public Engine<float> {
 public:
  // `times` outlives the blocks.
  TimedEngine(std::unique_ptr<Engine<float>> engine, BlockTimes* times)
      : engine_(std::move(engine)), times_(times) {}

  std::string name() const override { return engine_->name(); }
  absl::StatusOr<BlockMemory> Memory(const BlockPlan& plan,
                                     const std::vector<Shape4>& inputs) const override {
    return engine_->Memory(plan, inputs);
  }
  absl::StatusOr<std::unique_ptr<Block<float>>> Build(
      const BlockPlan& plan, const ParameterLayout& weights,
      const ParameterLayout& running_statistics) override;

 private:
  std::unique_ptr<Engine<float>> engine_;
  BlockTimes* times_;
};

// Seconds of one pass forward and back with what follows it. They add up to the pass.
struct PassPhases {
  double stem_forward = 0, cells_forward = 0;  // stems with auxiliary heads
  double objective = 0;  // between the last forward and the first backward block: pooling, head
  double cells_backward = 0, stem_backward = 0;
  double optimizer = 0;  // behind the last block: softmax's gradient, clipping, update
  double between = 0;    // blocks: activations taken and given back, softmax

  double total() const {
    return stem_forward + cells_forward + objective + cells_backward + stem_backward + optimizer +
           between;
  }
};

// One a pass, in order; `begin` and `end` of the whole step.
std::vector<PassPhases> SplitStep(const BlockTimes& times, int64_t begin, int64_t end);

}  // namespace ssnas

#endif  // BENCH_TIMED_ENGINE_H_
