#include "ssnas/engine/fused/block_memory.h"

#include <algorithm>
#include <vector>

#include "ssnas/engine/fused/kernels.h"
#include "ssnas/engine/fused/tables.h"

namespace ssnas::fused {

int64_t BufferFloats(const Layout& layout, const BufferUse& use) {
  const int64_t image = use.kind == BufferKind::kPad ? layout.pads[use.index].image()
                                                     : layout.values[use.index].image();
  return layout.images * image;
}

namespace {

constexpr int64_t kFloat = sizeof(float);
constexpr int64_t kDouble = sizeof(double);
// An edge's intermediates should stay in the last level of cache: more edges at once where they
// are small, and fewer barriers.
constexpr int64_t kEdgeFloats = int64_t{1} << 18;

// Partial weight gradients of the convolutions that a region differentiates, in floats.
int64_t WeightSumFloats(const Program& program, const Layout& layout, const Region& region) {
  int64_t floats = 0;
  for (const Op& op : region.ops) {
    if (op.kind != OpKind::kPadGradient) continue;
    for (const StepPlan& step : program.edges[op.edge].steps) {
      if (step.pad) continue;
      for (const ConvPlan& conv : program.values[step.index].convs) {
        if (conv.pad == op.index) floats += layout.items * (FilterSums(conv) + MatrixSums(conv));
      }
    }
  }
  return floats;
}

// The most floats that a schedule holds at once; what is kept of a forward pass is not given back.
int64_t MostFloats(const Program& program, const Layout& layout, const Schedule& schedule,
                   Recompute recompute, bool forward) {
  int64_t held = 0, most = 0;
  for (const Region& region : schedule.regions) {
    for (const BufferUse& use : region.begins) held += BufferFloats(layout, use);
    most = std::max(most, held + (forward ? 0 : WeightSumFloats(program, layout, region)));
    for (const BufferUse& use : region.ends) {
      const bool kept =
          forward && use.kind == BufferKind::kValue && IsKept(program.values[use.index], recompute);
      if (!kept) held -= BufferFloats(layout, use);
    }
  }
  return most;
}

// What a value's norm is, forward and backward (ValueState).
int64_t NormBytes(const ValueLayout& value) {
  constexpr int64_t kSpread = 5, kChannels = 3;  // vectors of float and of double
  return kSpread * value.spread * kFloat + kChannels * value.channels * kDouble;
}

// The sums of a backward pass over the pixels of each item: of every term's products, and of its
// node's gradient (EdgeState).
int64_t TermSumBytes(const Program& program, const Layout& layout) {
  int64_t doubles = 0;
  for (const EdgeSteps& edge : program.edges) {
    const int64_t sums = static_cast<int64_t>(edge.terms.size()) + 1;
    doubles += layout.items * layout.values[edge.node].spread * sums;
  }
  return doubles * kDouble;
}

}  // namespace

ScheduleOptions OptionsFor(const Program& program, const Layout& layout, Recompute recompute) {
  int64_t largest = 1;
  for (size_t i = program.states; i < program.values.size(); ++i) {
    largest = std::max(largest, layout.values[i].image());
  }
  const int64_t edges = kEdgeFloats / std::max<int64_t>(largest * layout.images, 1);
  return {.recompute = recompute,
          .edges_at_once = static_cast<int>(std::clamp<int64_t>(edges, 1, 64))};
}

BlockMemory CountMemory(const Program& program, const Layout& layout, Recompute recompute) {
  int64_t kept = 0, states = 0, tables = 0, norms = 0;
  for (size_t i = 0; i < program.values.size(); ++i) {
    const int64_t floats = layout.images * layout.values[i].image();
    const int index = static_cast<int>(i);
    if (index < program.inputs) continue;  // the caller's memory
    if (IsKept(program.values[i], recompute)) kept += floats;
    if (index < program.states) states += floats;
    if (program.values[i].norm.has_value()) norms += NormBytes(layout.values[i]);
    for (const ConvPlan& conv : program.values[i].convs) {
      tables += conv.taps() * SpreadSize(conv.in_channels) + 2 * MatrixSums(conv);
    }
  }
  ScheduleOptions options = OptionsFor(program, layout, recompute);
  options.keep = true;
  const std::vector<bool> wanted(program.values.size(), true);
  const int64_t forward =
      MostFloats(program, layout, ForwardSchedule(program, options), recompute, true);
  const int64_t backward = MostFloats(
      program, layout, BackwardSchedule(program, options, wanted, true), recompute, false);
  return {.kept = (kept + tables) * kFloat + norms,
          .passing = std::max((forward - (kept - states)) * kFloat,
                              backward * kFloat + TermSumBytes(program, layout))};
}

}  // namespace ssnas::fused
