// An engine that does everything twice: the engine under test, and the float64 reference beside it.
// Stops at the first difference past rounding; until then the tested engine's result goes on, bit
// by bit what it is without the check.
//
// Every block is compared by itself, on the inputs that the tested engine gave it, so that nothing
// adds up from block to block: in the forward pass its output and running statistics, in the
// backward pass every gradient that was asked for. The reference takes the tested engine's own ReLU
// masks and max-pool winners where a backward pass follows (engine/decisions.h), so that what still
// differs is rounding; where none follows it takes its own, as outputs are continuous in them.
// Errors are those of engine/tensor_errors.h; the bound is issue 5's for a whole network, 1e-4: one
// block's rounding is some 1e-6, and a wrong term in a kernel shows as 1e-2 and more. Slow: meant
// for small runs.
//
// Internal, area kComputation, where a tensor is past the bound:
//   engine check: block 'cells.1', backward pass 7: the gradient of
//   'cells.1.edge_2_4.sep_conv_3x3.pointwise1.weight' is 0.031 from the float64 reference, more
//   than 0.0001. …
//
// Example:
//   const auto engine = MakeCheckedEngine([](DecisionTrace* record) {
//     return MakeFusedEngine({.record = record});
//   });
#ifndef SSNAS_ENGINE_CHECKED_CHECKED_ENGINE_H_
#define SSNAS_ENGINE_CHECKED_CHECKED_ENGINE_H_

#include <functional>
#include <memory>

#include "ssnas/engine/block.h"
#include "ssnas/engine/decisions.h"

namespace ssnas {

inline constexpr double kCheckBound = 1e-4;

// `make` gives the engine under test; it records its decisions where it is told to.
std::unique_ptr<Engine<float>> MakeCheckedEngine(
    const std::function<std::unique_ptr<Engine<float>>(DecisionTrace* record)>& make,
    double bound = kCheckBound);

}  // namespace ssnas

#endif  // SSNAS_ENGINE_CHECKED_CHECKED_ENGINE_H_
