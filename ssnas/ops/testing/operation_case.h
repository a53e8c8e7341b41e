// Where an operation is tried: one case feeds conformance, gradient check and benchmark alike.
#ifndef SSNAS_OPS_TESTING_OPERATION_CASE_H_
#define SSNAS_OPS_TESTING_OPERATION_CASE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ssnas/engine/block.h"
#include "ssnas/ops/operation.h"

namespace ssnas {

struct OperationCase {
  int64_t batch = 2;
  int64_t size = 8;  // rows and columns of the input
  int64_t channels = 4;
  int stride = 1;
  Phase phase = Phase::kSearch;

  Shape4 input() const { return {batch, size, size, channels}; }
  // N×⌈H/s⌉×⌈W/s⌉×C, as every operation must give.
  Shape4 output() const;
  // "batch2_size8_channels4_stride1_search": valid in the name of a test.
  std::string Name() const;
};

// Sizes from 1, odd and even, both strides, both phases, odd and even channels.
std::vector<OperationCase> ConformanceCases();

// A block of one edge: the registered operation `name` at this case; with `mixture`, as the one
// candidate of mixture row 0. Errors are the registry's and the operation's own.
absl::StatusOr<BlockPlan> PlanOperation(const std::string& name, const OperationCase& where,
                                        bool mixture);

}  // namespace ssnas

#endif  // SSNAS_OPS_TESTING_OPERATION_CASE_H_
