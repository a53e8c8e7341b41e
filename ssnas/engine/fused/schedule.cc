#include "ssnas/engine/fused/schedule.h"

#include <algorithm>
#include <map>
#include <utility>

namespace ssnas::fused {
namespace {

// Places operations into regions and follows the memory that they touch.
class Planner {
 public:
  void Place(const Op& op, int region) {
    if (static_cast<int>(schedule_.regions.size()) <= region) schedule_.regions.resize(region + 1);
    schedule_.regions[region].ops.push_back(op);
  }
  void Touch(BufferKind kind, int index, int region) {
    const auto [found, first] = uses_.try_emplace({kind, index}, region, region);
    if (first) return;
    found->second.first = std::min(found->second.first, region);
    found->second.second = std::max(found->second.second, region);
  }
  void Finish(int value, int region) { schedule_.regions[region].finished.push_back(value); }

  Schedule Done() {
    for (const auto& [buffer, span] : uses_) {
      schedule_.regions[span.first].begins.push_back({buffer.first, buffer.second});
      schedule_.regions[span.second].ends.push_back({buffer.first, buffer.second});
    }
    return std::move(schedule_);
  }

 private:
  Schedule schedule_;
  std::map<std::pair<BufferKind, int>, std::pair<int, int>> uses_;
};

// Private pads are made where they are read: what they need is the face of their input.
class Forward {
 public:
  Forward(const Program& program, const ScheduleOptions& options)
      : program_(program),
        options_(options),
        face_(program.values.size(), 0),
        pad_(program.pads.size(), 0) {}

  Schedule Run() {
    for (int e = 0; e < static_cast<int>(program_.edges.size()); ++e) {
      const int floor = e / options_.edges_at_once * 2;
      for (const StepPlan& step : program_.edges[e].steps) {
        if (step.pad) {
          if (program_.pads[step.index].shared) PlacePad(step.index, e, floor);
        } else {
          PlaceValue(step.index, e, floor);
        }
      }
      PlaceTerms(e, floor);
    }
    return planner_.Done();
  }

 private:
  // The data of `value` is used in `region`; states live longer than the schedule.
  void Read(int value, int region) {
    if (value >= program_.states) planner_.Touch(BufferKind::kValue, value, region);
  }

  void PlacePad(int pad, int edge, int floor) {
    const int input = program_.pads[pad].input.value;
    const int region = std::max(floor, face_[input]);
    planner_.Place({OpKind::kPad, pad, edge}, region);
    planner_.Touch(BufferKind::kPad, pad, region);
    Read(input, region);
    pad_[pad] = region;
  }

  void PlaceValue(int index, int edge, int floor) {
    const ValuePlan& value = program_.values[index];
    int region = floor;
    for (const ConvPlan& conv : value.convs) {
      const PadPlan& pad = program_.pads[conv.pad];
      region = std::max(region, pad.shared ? pad_[conv.pad] : face_[pad.input.value]);
    }
    for (const Activation& x : value.inputs) {
      const bool barrier = value.kind == ValueKind::kModule && x.value >= program_.inputs;
      region = std::max(region, face_[x.value] + barrier);
    }
    planner_.Place({OpKind::kValue, index, edge}, region);
    for (const ConvPlan& conv : value.convs) {
      const PadPlan& pad = program_.pads[conv.pad];
      if (pad.shared) {
        planner_.Touch(BufferKind::kPad, conv.pad, region);
      } else {
        Read(pad.input.value, region);
      }
    }
    for (const Activation& x : value.inputs) Read(x.value, region);
    Read(index, region);
    const bool sums = value.norm.has_value() && options_.barriers;
    if (sums) planner_.Finish(index, region);
    face_[index] = region + sums;
  }

  void PlaceTerms(int e, int floor) {
    const EdgeSteps& edge = program_.edges[e];
    int region = std::max(floor, face_[edge.node]);
    for (const TermPlan& term : edge.terms) region = std::max(region, face_[term.value]);
    planner_.Place({OpKind::kTerms, e, e}, region);
    for (const TermPlan& term : edge.terms) Read(term.value, region);
    face_[edge.node] = region;
  }

  const Program& program_;
  const ScheduleOptions& options_;
  Planner planner_;
  std::vector<int> face_;  // first region that may read a value's face
  std::vector<int> pad_;
};

class Backward {
 public:
  Backward(const Program& program, const ScheduleOptions& options, const std::vector<bool>& wanted,
           bool sums)
      : program_(program),
        options_(options),
        wanted_(wanted),
        sums_(sums),
        made_(program.values.size(), false),
        padded_(program.pads.size(), false),
        started_(program.values.size(), false),
        ready_(program.values.size(), 0) {}

  Schedule Run() {
    const int edges = static_cast<int>(program_.edges.size());
    for (int e = edges - 1; e >= 0; --e) {
      const int floor = (edges - 1 - e) / options_.edges_at_once * 3;
      const EdgeSteps& edge = program_.edges[e];
      if (!Needed(edge)) continue;
      // Shared values of an edge that comes earlier are made by the first edge that reads them
      // here, which is the last that read them forward.
      for (const TermPlan& term : edge.terms) Recompute(term.value, e, floor);
      PlaceTerms(e, floor);
      std::vector<bool> own(program_.pads.size(), false);
      for (auto step = edge.steps.rbegin(); step != edge.steps.rend(); ++step) {
        if (step->pad) {
          own[step->index] = true;
          PlacePad(step->index, e, floor);
        } else {
          PlaceValue(step->index, e, floor);
        }
      }
      // Those that an earlier edge made.
      for (int pad = static_cast<int>(program_.pads.size()) - 1; pad >= 0; --pad) {
        if (program_.pads[pad].shared && !own[pad]) PlacePad(pad, e, floor);
      }
    }
    for (int value = program_.states; value < static_cast<int>(ready_.size()); ++value) {
      if (finish_[value] >= 0) planner_.Finish(value, finish_[value]);
    }
    return planner_.Done();
  }

 private:
  bool Needed(const EdgeSteps& edge) const {
    if (edge.terms.empty()) return false;
    return std::any_of(edge.terms.begin(), edge.terms.end(), [&](const TermPlan& term) {
      return wanted_[term.value] || (sums_ && term.mixture >= 0);
    });
  }

  void Read(int value, int region) {
    if (value >= program_.states && !IsKept(program_.values[value], options_.recompute)) {
      planner_.Touch(BufferKind::kValue, value, region);
    }
  }

  void Recompute(int index, int edge, int floor) {
    const ValuePlan& value = program_.values[index];
    if (value.kind == ValueKind::kState || made_[index]) return;
    made_[index] = true;
    const bool kept = IsKept(value, options_.recompute);
    for (const ConvPlan& conv : value.convs) {
      Recompute(program_.pads[conv.pad].input.value, edge, floor);
      if (program_.pads[conv.pad].shared && !kept) RecomputePad(conv.pad, edge, floor);
    }
    for (const Activation& x : value.inputs) Recompute(x.value, edge, floor);
    if (kept) return;
    planner_.Place({OpKind::kValue, index, edge}, floor);
    Read(index, floor);
    for (const ConvPlan& conv : value.convs) {
      if (program_.pads[conv.pad].shared) {
        planner_.Touch(BufferKind::kPad, conv.pad, floor);
      } else {
        Read(program_.pads[conv.pad].input.value, floor);
      }
    }
    for (const Activation& x : value.inputs) Read(x.value, floor);
  }

  void RecomputePad(int pad, int edge, int floor) {
    if (padded_[pad]) return;
    padded_[pad] = true;
    planner_.Place({OpKind::kPad, pad, edge}, floor);
    planner_.Touch(BufferKind::kPad, pad, floor);
    Read(program_.pads[pad].input.value, floor);
  }

  // A stored gradient is being added to (or written) in `region`. It starts at the floor: edges
  // that are placed later may add to it before `region`.
  void Contribute(int value, int edge, int floor, int region) {
    if (!started_[value] && program_.values[value].gradient == GradientKind::kBuffer) {
      started_[value] = true;
      planner_.Place({OpKind::kStartGradient, value, edge}, floor);
      TouchGradient(value, floor);
    }
    TouchGradient(value, region);
    ready_[value] = std::max(ready_[value], region);
    NoteSums(value, region);
  }

  void TouchGradient(int value, int region) {
    if (value >= program_.inputs) planner_.Touch(BufferKind::kGradient, value, region);
  }

  // Sums of a norm's gradient are complete a barrier later.
  void NoteSums(int value, int region) {
    if (!program_.values[value].norm.has_value()) return;
    finish_[value] = std::max(finish_[value], region);
    ready_[value] = std::max(ready_[value], region + 1);
  }

  void PlaceTerms(int e, int floor) {
    const EdgeSteps& edge = program_.edges[e];
    const int region = std::max(floor, ready_[edge.node]);
    if (!started_[edge.node]) {
      // A node that only the block's output reads.
      started_[edge.node] = true;
      planner_.Place({OpKind::kStartGradient, edge.node, e}, region);
    }
    TouchGradient(edge.node, region);
    for (const TermPlan& term : edge.terms) {
      const ValuePlan& value = program_.values[term.value];
      Read(term.value, region);
      if (!wanted_[term.value] && !(sums_ && term.mixture >= 0)) continue;
      if (value.gradient == GradientKind::kTerms) {
        NoteSums(term.value, region);
        ready_[term.value] = std::max(ready_[term.value], region);
      } else if (wanted_[term.value]) {
        Contribute(term.value, e, floor, region);
      }
    }
    planner_.Place({OpKind::kTermsGradient, e, e}, region);
  }

  // The gradient of `value` before its norm, read in `region`.
  void ReadGradient(int index, int region) {
    Read(index, region);
    if (program_.values[index].gradient != GradientKind::kTerms) {
      return TouchGradient(index, region);
    }
    for (const EdgeSteps& edge : program_.edges) {
      for (const TermPlan& term : edge.terms) {
        if (term.value == index) TouchGradient(edge.node, region);
      }
    }
  }

  void PlaceValue(int index, int edge, int floor) {
    const ValuePlan& value = program_.values[index];
    if (value.kind == ValueKind::kConvs || value.zero || !wanted_[index]) return;
    const bool barrier = value.kind == ValueKind::kModule;
    const int region = std::max(floor, ready_[index] + barrier);
    for (const Activation& x : value.inputs) {
      Read(x.value, region);
      if (wanted_[x.value]) Contribute(x.value, edge, floor, region);
    }
    planner_.Place({OpKind::kValueGradient, index, edge}, region);
    ReadGradient(index, region);
  }

  void PlacePad(int pad, int e, int floor) {
    const EdgeSteps& edge = program_.edges[e];
    int region = floor;
    std::vector<int> readers;
    for (const StepPlan& step : edge.steps) {
      if (step.pad || !wanted_[step.index]) continue;
      const std::vector<ConvPlan>& convs = program_.values[step.index].convs;
      if (std::any_of(convs.begin(), convs.end(),
                      [&](const ConvPlan& c) { return c.pad == pad; })) {
        readers.push_back(step.index);
        region = std::max(region, ready_[step.index]);
      }
    }
    if (readers.empty()) return;
    const int input = program_.pads[pad].input.value;
    if (program_.pads[pad].shared) {
      RecomputePad(pad, e, floor);
      planner_.Touch(BufferKind::kPad, pad, region);
    }
    Read(input, region);
    if (wanted_[input]) Contribute(input, e, floor, region);
    planner_.Place({OpKind::kPadGradient, pad, e}, region);
    for (const int reader : readers) ReadGradient(reader, region);
  }

  const Program& program_;
  const ScheduleOptions& options_;
  const std::vector<bool>& wanted_;
  const bool sums_;
  Planner planner_;
  std::vector<bool> made_, padded_;
  std::vector<bool> started_;
  std::vector<int> ready_;  // first region that may read a value's gradient before its norm
  std::vector<int> finish_ = std::vector<int>(program_.values.size(), -1);
};

}  // namespace

bool IsKept(const ValuePlan& value, Recompute recompute) {
  if (value.kind == ValueKind::kState || value.kind == ValueKind::kModule || value.held) {
    return true;
  }
  switch (recompute) {
    case Recompute::kNothing:
      return true;
    case Recompute::kFirstStage:
      // Gated: only a convolution, through its pad, reads what is behind the norm.
      return value.kind != ValueKind::kConvs || value.gradient != GradientKind::kGated;
    case Recompute::kCheap:
      return std::any_of(value.convs.begin(), value.convs.end(), [](const ConvPlan& conv) {
        return conv.gemm >= 0 && conv.in_channels >= kDearChannels;
      });
    case Recompute::kAll:
      return false;
  }
  return true;
}

Schedule ForwardSchedule(const Program& program, const ScheduleOptions& options) {
  return Forward(program, options).Run();
}

Schedule BackwardSchedule(const Program& program, const ScheduleOptions& options,
                          const std::vector<bool>& wanted, bool sums) {
  return Backward(program, options, wanted, sums).Run();
}

}  // namespace ssnas::fused
