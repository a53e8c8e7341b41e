// A torch::nn::Module as a stage of a recipe.
//
// Any class of libtorch's kind will do that has besides
//
//     at::Tensor forward(const at::Tensor& x);  // N×C×H×W, of float or double
//     int64_t MultiplyAdds(const ssnas::Shape4& input) const;
//
// An instance is made for each pass and given the tensors that the engine keeps, so its own initial
// values are not used, nor is anything else kept that it changes:
//   parameters   of two dimensions and more begin as PyTorch's convolutions and linear layers do
//                (uniform within ±1/√fan_in), others as 0 where the name ends in "bias", else as 1
//   buffers      named running_mean and running_var are running statistics, from 0 and 1 on; others
//                stay what the constructor made of them
// forward must give the same for the same input: no dropout.
//
// Example:
//   SSNAS_ASSIGN_OR_RETURN(auto module, MakeNnModule<Gate>(channels));
//   ssnas::RecipeBuilder b(channels);
//   return std::move(b).Build(b.Module("gate", b.Input(), std::move(module), channels, stride));
#ifndef SSNAS_OPS_NN_MODULE_H_
#define SSNAS_OPS_NN_MODULE_H_

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ssnas/core/parameters.h"
#include "ssnas/core/tensor.h"
#include "ssnas/ops/module.h"

namespace ssnas {

class NnModule : public Module {
 public:
  // What an engine keeps for it, in the order of Parameters() and RunningStatistics().
  struct Tensors {
    std::vector<at::Tensor> parameters;
    std::vector<at::Tensor> statistics;
  };

  std::vector<ParameterSpec> Parameters() const override { return parameters_; }
  std::vector<ParameterSpec> RunningStatistics() const override { return statistics_; }

  // x and the tensors are of one type. Puts in place of each parameter the tensor that autograd
  // knows it by; where `training`, moves the statistics. Throws c10::Error.
  at::Tensor Forward(const at::Tensor& x, bool training, Tensors* tensors) const;

 protected:
  virtual std::shared_ptr<torch::nn::Module> Make() const = 0;
  virtual at::Tensor Call(torch::nn::Module& net, const at::Tensor& x) const = 0;
  // Finds what the module holds; InvalidArgument where it cannot be made.
  absl::Status Inspect();

 private:
  std::vector<ParameterSpec> parameters_, statistics_;
};

namespace internal {

template <typename Net>
class NnModuleOf : public NnModule {
 public:
  static absl::StatusOr<std::shared_ptr<const Module>> Create(
      std::function<std::shared_ptr<Net>()> make) {
    auto module = std::make_shared<NnModuleOf>();
    module->make_ = std::move(make);
    const absl::Status status = module->Inspect();
    if (!status.ok()) return status;
    return std::shared_ptr<const Module>(std::move(module));
  }

  int64_t MultiplyAdds(const Shape4& input) const override { return make_()->MultiplyAdds(input); }

 private:
  std::shared_ptr<torch::nn::Module> Make() const override { return make_(); }
  at::Tensor Call(torch::nn::Module& net, const at::Tensor& x) const override {
    return static_cast<Net&>(net).forward(x);
  }

  std::function<std::shared_ptr<Net>()> make_;
};

}  // namespace internal

// Of Net(arguments…), made anew for every pass. InvalidArgument for what libtorch says against
// them.
template <typename Net, typename... Arguments>
absl::StatusOr<std::shared_ptr<const Module>> MakeNnModule(Arguments... arguments) {
  return internal::NnModuleOf<Net>::Create(
      [arguments...] { return std::make_shared<Net>(arguments...); });
}

}  // namespace ssnas

#endif  // SSNAS_OPS_NN_MODULE_H_
