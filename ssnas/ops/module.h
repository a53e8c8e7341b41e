// A stage of a recipe that is code of its own, where no primitive says what it computes.
//
// Engines run it for a whole batch and know of it only what stands here; nn_module.h makes one of a
// torch::nn::Module.
#ifndef SSNAS_OPS_MODULE_H_
#define SSNAS_OPS_MODULE_H_

#include <cstdint>
#include <vector>

#include "ssnas/core/parameters.h"
#include "ssnas/core/tensor.h"

namespace ssnas {

class Module {
 public:
  virtual ~Module() = default;
  // Trainable tensors, and the state that training moves. The caller puts the stage's name and a
  // point in front of theirs.
  virtual std::vector<ParameterSpec> Parameters() const = 0;
  virtual std::vector<ParameterSpec> RunningStatistics() const = 0;
  // Of one forward pass over an input of this shape.
  virtual int64_t MultiplyAdds(const Shape4& input) const = 0;
};

}  // namespace ssnas

#endif  // SSNAS_OPS_MODULE_H_
