// A block's forward pass as plain loops in double, with what rounding may do to each element: the
// independent restatement, and the tolerances, that every engine is compared with.
//
// Bounds follow the data through the graph: each primitive passes on those of its inputs and adds
// its own (ErrorBound of core/testing/compare.h over its sums; for a norm also those of mean and
// variance, which grow with mean / spread). They hold for any order of summation at the given ε,
// and for norms computed as scale·x + shift, but not for a variance taken as mean(x²) − mean(x)².
#ifndef SSNAS_ENGINE_TESTING_PLAIN_BLOCK_H_
#define SSNAS_ENGINE_TESTING_PLAIN_BLOCK_H_

#include <vector>

#include "ssnas/engine/block.h"
#include "ssnas/engine/testing/block_runner.h"

namespace ssnas {

struct PlainOutput {
  std::vector<double> values;
  std::vector<double> bounds;  // largest |engine − value| that rounding explains
};

// `plan` fits the data. `epsilon` is that of the engine's type.
PlainOutput RunPlainly(const BlockPlan& plan, const BlockData& data, NormMode norm, double epsilon);

}  // namespace ssnas

#endif  // SSNAS_ENGINE_TESTING_PLAIN_BLOCK_H_
