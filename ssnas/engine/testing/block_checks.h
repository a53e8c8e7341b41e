// What every engine must pass for any block: plain loops and finite differences.
//
// Example:
//   EXPECT_EQ(CheckAgainstPlainLoops<float>(*engine, plan, data, NormMode::kBatch),
//   absl::OkStatus());
#ifndef SSNAS_ENGINE_TESTING_BLOCK_CHECKS_H_
#define SSNAS_ENGINE_TESTING_BLOCK_CHECKS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ssnas/engine/block.h"
#include "ssnas/engine/tensor_errors.h"
#include "ssnas/engine/testing/block_runner.h"

namespace ssnas {

inline constexpr unsigned kAllGradients = kWeightGradients | kAlphaGradients | kInputGradients;

// The output, computed with and without gradients kept, is within the bounds of plain_block.h, and
// nothing beside it was written.
template <typename T>
absl::Status CheckAgainstPlainLoops(Engine<T>& engine, const BlockPlan& plan, const BlockData& data,
                                    NormMode norm);

// What a step gives: "output", "running statistics", "mixture" (its gradients, as all that follow),
// "input 0", …, and the weights by name; those not asked for are 0. Parameters are gone between
// the passes, and nothing beside the caller's memory was written.
template <typename T>
absl::StatusOr<NamedTensors> StepTensors(Engine<T>& engine, const BlockPlan& plan,
                                         const BlockData& data, NormMode norm,
                                         unsigned gradients = kAllGradients);

// The worst tensor of a step against that of an engine in float64 (tensor_errors.h): for blocks
// with modules, which plain loops do not know.
absl::StatusOr<TensorError> StepError(Engine<float>& engine, Engine<double>& exact,
                                      const BlockPlan& plan, const BlockData& data, NormMode norm);

// The gradients of weights, mixture and every input are those of central differences, at up to
// `coordinates` places of each.
absl::Status CheckBlockGradients(Engine<double>& engine, const BlockPlan& plan,
                                 const BlockData& data, NormMode norm, int64_t coordinates);

}  // namespace ssnas

#endif  // SSNAS_ENGINE_TESTING_BLOCK_CHECKS_H_
