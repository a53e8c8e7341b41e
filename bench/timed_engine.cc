#include "bench/timed_engine.h"

#include <utility>

#include "absl/strings/match.h"
#include "bench/process.h"
#include "ssnas/core/status_macros.h"

namespace ssnas {
namespace {

class TimedBlock : public Block<float> {
 public:
  TimedBlock(std::unique_ptr<Block<float>> block, bool is_cell, BlockTimes* times)
      : block_(std::move(block)), is_cell_(is_cell), times_(times) {}

  absl::Status Forward(const ForwardArgs<float>& args, View4<float> output) override {
    return Timed(false, [&] { return block_->Forward(args, output); });
  }
  absl::Status Backward(const BackwardArgs<float>& args) override {
    return Timed(true, [&] { return block_->Backward(args); });
  }

 private:
  template <typename Body>
  absl::Status Timed(bool backward, Body body) {
    const int64_t begin = SteadyNanoseconds();
    absl::Status status = body();
    times_->push_back({is_cell_, backward, begin, SteadyNanoseconds()});
    return status;
  }

  std::unique_ptr<Block<float>> block_;
  const bool is_cell_;
  BlockTimes* times_;
};

double Seconds(int64_t from, int64_t to) { return static_cast<double>(to - from) * 1e-9; }

double* PhaseOf(const BlockTime& time, PassPhases* phases) {
  if (time.backward) return time.is_cell ? &phases->cells_backward : &phases->stem_backward;
  return time.is_cell ? &phases->cells_forward : &phases->stem_forward;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Block<float>>> TimedEngine::Build(
    const BlockPlan& plan, const ParameterLayout& weights,
    const ParameterLayout& running_statistics) {
  SSNAS_ASSIGN_OR_RETURN(auto block, engine_->Build(plan, weights, running_statistics));
  const bool is_cell = absl::StartsWith(plan.name, "cells.");
  return std::unique_ptr<Block<float>>(new TimedBlock(std::move(block), is_cell, times_));
}

std::vector<PassPhases> SplitStep(const BlockTimes& times, int64_t begin, int64_t end) {
  std::vector<PassPhases> passes(1);
  int64_t last = begin;
  bool backward = false;
  for (const BlockTime& time : times) {
    if (backward && !time.backward) {
      // The pass before ended with its optimiser.
      passes.back().optimizer += Seconds(last, time.begin);
      passes.emplace_back();
    } else if (!backward && time.backward) {
      passes.back().objective += Seconds(last, time.begin);
    } else {
      passes.back().between += Seconds(last, time.begin);
    }
    *PhaseOf(time, &passes.back()) += Seconds(time.begin, time.end);
    backward = time.backward;
    last = time.end;
  }
  passes.back().optimizer += Seconds(last, end);
  return passes;
}

}  // namespace ssnas
