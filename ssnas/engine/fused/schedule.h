// In which order, and between which barriers, a program runs.
//
// Work is done image by image; all images meet only where the statistics of a norm (or the sums of
// its gradient) must be complete. A *region* is what runs between two such barriers: a list of
// operations that every image goes through in order. Edges are taken one after another, each a
// region behind the one before, so that an edge's intermediates are used while they are still in
// cache and freed soon:
//
//     region r:      first convolutions of edge e | second of edge e − 1 | node sum of edge e − 2
//
// Another engine computes modules, of all images at once and before a region's other operations:
// a barrier lies before them and none behind.
//
// Backward the same with edges in reverse: recompute and sums | node gradient → second
// convolutions | first convolutions, all that read one pad at once.
#ifndef SSNAS_ENGINE_FUSED_SCHEDULE_H_
#define SSNAS_ENGINE_FUSED_SCHEDULE_H_

#include <cstdint>
#include <vector>

#include "ssnas/engine/fused/program.h"
#include "ssnas/engine/recompute.h"

namespace ssnas::fused {

enum class OpKind {
  kPad,            // make a shared pad
  kValue,          // compute a value, and its statistics unless they are known
  kTerms,          // add an edge's terms to its node
  kStartGradient,  // what a state's (or value's) gradient begins with
  kTermsGradient,  // sums of an edge's terms, and their share of stored gradients
  kPadGradient,    // backward of an edge's convolutions that read one pad
  kValueGradient,  // backward of a pool, a copy or a module
};

struct Op {
  OpKind kind;
  int index = 0;  // of the pad or value; terms: of the edge
  int edge = 0;
};

enum class BufferKind { kValue, kPad, kGradient };

struct BufferUse {
  BufferKind kind;
  int index;
};

struct Region {
  std::vector<Op> ops = {};
  std::vector<BufferUse> begins = {};  // memory that is first used here
  std::vector<BufferUse> ends = {};    // last used here
  std::vector<int> finished = {};      // values whose sums are complete after it
};

struct Schedule {
  std::vector<Region> regions;
};

struct ScheduleOptions {
  Recompute recompute = kDefaultRecompute;
  bool keep = false;     // a backward pass follows
  bool barriers = true;  // norms take the statistics of the batch
  // Edges that start together: more where an edge's intermediates are small.
  int edges_at_once = 1;
};

// Whether a value stays in memory until the backward pass.
bool IsKept(const ValuePlan& value, Recompute recompute);

Schedule ForwardSchedule(const Program& program, const ScheduleOptions& options);

// `wanted[value]`: its gradient is needed; `sums`: those of all terms are (alphas).
Schedule BackwardSchedule(const Program& program, const ScheduleOptions& options,
                          const std::vector<bool>& wanted, bool sums);

}  // namespace ssnas::fused

#endif  // SSNAS_ENGINE_FUSED_SCHEDULE_H_
