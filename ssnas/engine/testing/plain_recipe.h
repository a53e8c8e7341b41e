// A recipe as plain loops in double: the independent restatement that every engine is compared with.
#ifndef SSNAS_ENGINE_TESTING_PLAIN_RECIPE_H_
#define SSNAS_ENGINE_TESTING_PLAIN_RECIPE_H_

#include <string>
#include <vector>

#include "ssnas/core/parameters.h"
#include "ssnas/engine/block.h"
#include "ssnas/ops/recipe.h"

namespace ssnas {

// Values by name out of one of a plan's flat buffers.
struct NamedValues {
  const ParameterLayout& layout;
  const std::vector<double>& values;
};

// The recipe's output for x (NHWC). Norms use the batch, or the running statistics where `mode` says so (which
// are never moved).
std::vector<double> RunPlainly(const Recipe& recipe, const Shape4& shape,
                               const std::vector<double>& x, const std::string& prefix,
                               const NamedValues& weights, const NamedValues& running_statistics,
                               NormMode mode);

}  // namespace ssnas

#endif  // SSNAS_ENGINE_TESTING_PLAIN_RECIPE_H_
